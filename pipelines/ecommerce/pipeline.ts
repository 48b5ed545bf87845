import { definePipeline } from '../../src/core/definition.ts';
import { customers } from './entities/customers.ts';
import { orders } from './entities/orders.ts';
import { products } from './entities/products.ts';

export default definePipeline({
  name: 'ecommerce',
  description: 'Sales of the web shop as a star schema for dashboards.',
  sources: { shop: { description: 'The PostgreSQL database that the web shop writes.' } },
  entities: [customers, products, orders],
  models: [
    { name: 'date_dimension', sql: 'models/date_dimension.sql', suite: 'suites/model/date_dimension.json' },
    {
      name: 'customers_dimension',
      sql: 'models/customers_dimension.sql',
      suite: 'suites/model/customers_dimension.json',
    },
    {
      name: 'product_dimension',
      sql: 'models/product_dimension.sql',
      suite: 'suites/model/product_dimension.json',
    },
    { name: 'orders_fact', sql: 'models/orders_fact.sql', suite: 'suites/model/orders_fact.json' },
  ],
});
