// One interface a table: the columns in the order of schema.sql, each value as PostgreSQL's text input wants it.
// They are type aliases, not interfaces, so that a row also counts as a plain record of column to value.

/** A row of `customers`. Dates are YYYY-MM-DD. */
export type CustomerRow = {
  customer_id: number;
  first_name: string | null;
  last_name: string | null;
  email: string | null;
  date_of_birth: string | null;
  registration_date: string;
  address: string | null;
  city: string | null;
  state: string | null;
  postal_code: string | null;
  updated_at: string;
};

/** A row of `products`. The price is decimal text with two places. */
export type ProductRow = {
  product_id: number;
  product_name: string;
  category: string | null;
  manufacturer: string | null;
  unit_price: string;
  updated_at: string;
};

/** A row of `orders`. Prices are decimal text with two places, instants are UTC with microseconds. */
export type OrderRow = {
  order_id: number;
  customer_id: number | null;
  product_id: number | null;
  quantity: number;
  unit_price: string;
  total_price: string;
  payment_method: string | null;
  status: string;
  ordered_at: string;
  updated_at: string;
};

/** The value of one column, ready for PostgreSQL. */
export type CellValue = string | number | null;

/** A row of any table as column to value. */
export type TableRow = Record<string, CellValue>;
