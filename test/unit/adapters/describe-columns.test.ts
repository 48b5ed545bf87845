import type { SchemaElement } from 'parquetjs-lite';
import { expect, test } from 'vitest';
import { describeColumns } from '../../../src/adapters/parquet/describe-columns.ts';

const element = (name: string, parts: Partial<SchemaElement>): SchemaElement => ({
  name,
  type: null,
  repetition_type: 0,
  num_children: null,
  converted_type: null,
  precision: null,
  scale: null,
  ...parts,
});
const root = (num_children: number) => element('schema', { num_children });

test.each<[Partial<SchemaElement>, string, boolean]>([
  [{ type: 1, repetition_type: 1 }, 'INT32', true],
  [{ type: 1, converted_type: 6 }, 'INT32/DATE', false],
  [{ type: 6, converted_type: 0, repetition_type: 1 }, 'BYTE_ARRAY/UTF8', true],
  [{ type: 2, converted_type: 5, precision: 10, scale: 2 }, 'INT64/DECIMAL(10,2)', false],
  [{ type: 7, converted_type: 5, precision: 38 }, 'FIXED_LEN_BYTE_ARRAY/DECIMAL(38,0)', false],
  [{ type: 2, converted_type: 10 }, 'INT64/TIMESTAMP_MICROS', false],
  [{ type: 3 }, 'INT96', false],
  [{ type: 1, repetition_type: 2 }, 'INT32/REPEATED', false],
  [{ type: 99 }, 'TYPE_99', false],
])('%o is %s, nullable %s', (parts, type, nullable) => {
  expect(describeColumns([root(1), element('a', parts)])).toEqual([{ name: 'a', type, nullable }]);
});

test('a nested column is reported by its group alone', () => {
  const list = [
    root(3),
    element('before', { type: 1 }),
    element('tags', { num_children: 1, converted_type: 3, repetition_type: 1 }),
    element('list', { num_children: 1, repetition_type: 2 }),
    element('element', { type: 6 }),
    element('after', { type: 0 }),
  ];
  expect(describeColumns(list)).toEqual([
    { name: 'before', type: 'INT32', nullable: false },
    { name: 'tags', type: 'GROUP/LIST', nullable: true },
    { name: 'after', type: 'BOOLEAN', nullable: false },
  ]);
});

test('a schema that ends too early is refused', () => {
  expect(() => describeColumns([root(1), element('a', { num_children: 2_000_000_000 })])).toThrow(
    'cut short',
  );
});
