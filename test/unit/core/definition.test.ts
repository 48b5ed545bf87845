import { describe, expect, it } from 'vitest';
import { DefinitionError, definePipeline, type PipelineInput } from '../../../src/core/definition.ts';
import { shopInput } from './sample.ts';

type Loose = { [key: string]: Loose };

/** The problems of the sample after `change`. */
function problemsOf(change: (input: Loose) => void): readonly string[] {
  const input = shopInput();
  change(input as unknown as Loose);
  try {
    definePipeline(input as PipelineInput);
  } catch (error) {
    if (error instanceof DefinitionError) return error.problems;
    throw error;
  }
  return [];
}

const set = (target: Loose, name: string, value: unknown) => {
  target[name] = value as Loose;
};

describe('definePipeline', () => {
  it('takes a good definition and fills in the defaults', () => {
    const made = definePipeline(shopInput());
    expect(made.retry).toEqual({ attempts: 7, firstDelaySeconds: 2, maxDelaySeconds: 60 });
    expect(made.escalateAfterMinutes).toEqual([60, 480, 1440]);
    expect(made.entities[1]).toMatchObject({ derive: {}, reject: [] });
    expect(made.entities[0]!.columns.total).toMatchObject({ nullable: true, measure: true });
  });

  it('takes limits from 1 to 100', () => {
    const limits = { sparkSteps: 1, warehouseStatements: 100, extracts: 1, checks: 100 };
    expect(definePipeline({ ...shopInput(), limits }).limits).toEqual(limits);
  });

  const cases: [string, (input: Loose) => void, RegExp][] = [
    ['an unknown field', (i) => set(i, 'colour', 'red'), /^colour: is not a known field; remove it/],
    ['a missing field', (i) => delete i.sources, /^sources: is missing: /],
    [
      'a name that is no identifier',
      (i) => set(i, 'name', 'My Shop'),
      /^name: "My Shop": use lower snake case/,
    ],
    [
      'an unknown type',
      (i) => set(i.entities![0]!.columns!.total!, 'type', 'money'),
      /^entities\.0\.columns\.total\.type: "money": money is printed as lc_monetary of the server says/,
    ],
    ...[0, -1, 1.5, 101, 1e9, Number.NaN, '4'].map((limit): [string, (input: Loose) => void, RegExp] => [
      `a limit of ${limit} checks`,
      (i) => set(i, 'limits', { checks: limit }),
      /^limits\.checks: .*: use a whole number from 1 to 100, which is what a worker does at a time$/,
    ]),
    [
      'delays of retries that contradict each other',
      (i) => set(i, 'retry', { firstDelaySeconds: 90 }),
      /^retry\.maxDelaySeconds: 60: is below retry\.firstDelaySeconds; use 90 or more$/,
    ],
    [
      'a table without schema',
      (i) => set(i.entities![0]!, 'table', 'orders'),
      /^entities\.0\.table: "orders": name schema and table, such as `public\.orders`/,
    ],
    [
      'an undeclared source',
      (i) => set(i.entities![0]!, 'source', 'crm'),
      /^entities\.0 \(orders\)\.source: "crm" is not declared; sources are erp/,
    ],
    [
      'a key that is no column',
      (i) => set(i.entities![0]!, 'key', ['id']),
      /\(orders\)\.key: "id" is not a column; columns are order_id, total, ordered_at/,
    ],
    [
      'a business date that is no date',
      (i) => set(i.entities![0]!, 'businessDate', 'total'),
      /businessDate: "total" is numeric\(12,2\); use a date, timestamp or timestamptz column/,
    ],
    [
      'a derived column with the name of a source column',
      (i) => set(i.entities![0]!.derive!, 'total', { type: 'integer', sql: '1' }),
      /derive\.total: a source column has that name; use `clean`/,
    ],
    [
      'a measure that cannot be summed exactly',
      (i) => set(i.entities![0]!.columns!, 'weight', { type: 'double precision', measure: true }),
      /columns\.weight\.measure: a double cannot be summed exactly/,
    ],
    [
      'a partition value that is no text',
      (i) => set(i.entities![0]!, 'partitionBy', 'ordered_at'),
      /partitionBy: "ordered_at" is timestamptz; partition values are text, so derive a varchar/,
    ],
    [
      'a soft-delete column that is not read',
      (i) => set(i.entities![0]!, 'deletes', { mode: 'soft', column: 'deleted_at' }),
      /deletes\.column: "deleted_at" is not a column; columns are order_id/,
    ],
    [
      'a timestamp cursor that is no timestamp',
      (i) => set(i.entities![0]!, 'cursor', { mode: 'timestamp', column: 'total' }),
      /cursor\.column: "total" is numeric; use a timestamptz column/,
    ],
    [
      'an xid8 column that is a number in the contract',
      (i) => set(i.entities![0]!, 'cursor', { mode: 'xid8-column', column: 'order_id' }),
      /cursor\.column: "order_id" is bigint in the contract; an xid8 column travels as text/,
    ],
    ['a name that is used twice', (i) => set(i.entities![1]!, 'name', 'orders'), /"orders" is used twice/],
  ];
  it('takes a cursor column that is not in the contract', () => {
    for (const mode of ['timestamp', 'xid8-column'])
      expect(problemsOf((i) => set(i.entities![0]!, 'cursor', { mode, column: 'elsewhere' }))).toEqual([]);
  });

  it.each(cases)('names path, value and fix of %s', (_, change, expected) => {
    expect(problemsOf(change).join('\n')).toMatch(new RegExp(expected.source, 'm'));
  });

  it('names all problems at once', () => {
    const problems = problemsOf((input) => {
      set(input.entities![0]!, 'source', 'crm');
      set(input.entities![1]!, 'key', ['id']);
    });
    expect(problems).toHaveLength(2);
  });
});
