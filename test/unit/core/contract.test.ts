import { describe, expect, it } from 'vitest';
import { checkContract, type TableFacts } from '../../../src/core/contract.ts';
import { definePipeline } from '../../../src/core/definition.ts';
import { orders, shopInput } from './sample.ts';

const good: TableFacts = {
  columns: [
    { name: 'order_id', type: 'bigint', nullable: false },
    { name: 'total', type: 'numeric(12,2)', nullable: true },
    { name: 'ordered_at', type: 'timestamp with time zone', nullable: true },
  ],
  uniqueKeys: [['order_id']],
};
const replaced = (name: string, change: object): TableFacts => ({
  ...good,
  columns: good.columns.map((column) => (column.name === name ? { ...column, ...change } : column)),
});

describe('checkContract', () => {
  it('finds nothing where the table is as declared', () => {
    expect(checkContract(orders, good)).toEqual([]);
  });

  it.each([
    ['no table', null, 'critical', /table public\.orders does not exist/],
    ['a missing column', { ...good, columns: good.columns.slice(0, 2) }, 'critical', /column is missing/],
    [
      'a wider number',
      replaced('total', { type: 'numeric(14,2)' }),
      'critical',
      /is numeric\(14,2\) at the source/,
    ],
    ['another kind', replaced('ordered_at', { type: 'date' }), 'critical', /is date at the source/],
    ['NULLs', replaced('order_id', { nullable: true }), 'info', /may be NULL at the source/],
    ['no key', { ...good, uniqueKeys: [['order_id', 'total']] }, 'warning', /covers \(order_id\)/],
    [
      'a new column',
      { ...good, columns: [...good.columns, { name: 'note', type: 'text', nullable: true }] },
      'info',
      /column \(text\) is new/,
    ],
  ] as const)('tells of %s', (_, table, severity, message) => {
    const findings = checkContract(orders, table);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ severity, subject: 'orders', check: 'contract' });
    expect(findings[0]!.message).toMatch(message);
  });

  it.each([
    ['bigint', 'integer', null],
    ['integer', 'bigint', 'critical'],
    ['numeric(12,2)', 'numeric(10,1)', null],
    ['numeric(12,2)', 'numeric(12,3)', 'critical'],
    ['varchar(20)', 'varchar(10)', null],
    ['varchar(20)', 'varchar(30)', 'warning'],
    ['varchar(20)', 'text', 'warning'],
    ['text', 'integer', null],
    ['varchar(20)', 'citext', null],
    ['bigint', 'citext', 'critical'],
  ])('contract %s, source %s: %s', (wanted, found, severity) => {
    const input = shopInput();
    input.entities[0]!.columns.value = { type: wanted };
    const findings = checkContract(definePipeline(input).entities[0]!, {
      ...good,
      columns: [...good.columns, { name: 'value', type: found, nullable: true }],
    });
    expect(findings.map((each) => each.severity)).toEqual(severity === null ? [] : [severity]);
  });
});
