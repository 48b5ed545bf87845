import { describe, expect, it } from 'vitest';
import { DefinitionError } from '../../../src/core/definition.ts';
import { parseModel } from '../../../src/core/model.ts';
import { shop } from './sample.ts';

const head = (lines: string) =>
  `/*\ngrain: one row an order\nkey: [order_id]\ncolumns:\n  order_id: { type: bigint }\n  month: { type: varchar(7) }\n${lines}\n*/\n`;
const SELECT = 'SELECT order_id, month FROM orders';

function problemsOf(text: string): string {
  try {
    parseModel('orders_fact', text, shop);
  } catch (error) {
    if (error instanceof DefinitionError) return error.problems.join('\n');
    throw error;
  }
  return '';
}

describe('parseModel', () => {
  it('takes head and SQL apart and finds what is read, not what comments and texts say', () => {
    const model = parseModel(
      'orders_fact',
      `${head('incremental: orders\npartition_by: month')}SELECT * FROM orders JOIN customer_dim ON 'customers' = x -- customers\n;`,
      shop,
    );
    expect(model.reads).toEqual(['orders', 'customer_dim']);
    expect(model.sql).not.toMatch(/;\s*$/);
    expect(model.head).toMatchObject({ incremental: 'orders', distribution: 'auto', sort: [] });
  });

  it('reads only models before it', () => {
    const model = parseModel('customer_dim', `${head('')}SELECT * FROM orders_fact, customers`, shop);
    expect(model.reads).toEqual(['customers']);
  });

  const cases: [string, string, RegExp][] = [
    ['no head', SELECT, /^\(head\): begin the file with/],
    ['no YAML', `/* grain: [ */ ${SELECT}`, /^\(head\): is not YAML/],
    ['an unknown field', `${head('colour: red')}${SELECT}`, /colour: is not a known field/],
    ['no SQL', head(''), /\(sql\): is empty; write one SELECT/],
    ['an unknown sort column', `${head('sort: [day]')}${SELECT}`, /sort: "day" is not a column of the head/],
    [
      'an unknown distribution',
      `${head('distribution: day')}${SELECT}`,
      /distribution: "day" is not a column/,
    ],
    ['an unknown entity', `${head('incremental: x\npartition_by: month')}${SELECT}`, /"x" is not an entity/],
    [
      'an entity in one part',
      `${head('incremental: customers\npartition_by: month')}${SELECT}`,
      /entity "customers" has no partitionBy/,
    ],
    ['incremental without partition', `${head('incremental: orders')}${SELECT}`, /partition_by: is missing/],
    ['partition without incremental', `${head('partition_by: month')}${SELECT}`, /needs `incremental/],
    [
      'a partition that is no text',
      `${head('incremental: orders\npartition_by: order_id')}${SELECT}`,
      /"order_id" is bigint; partition values are text/,
    ],
  ];
  it.each(cases)('refuses %s', (_, text, expected) => {
    expect(problemsOf(text)).toMatch(expected);
  });
});
