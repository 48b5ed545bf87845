import { describe, expect, test } from 'vitest';
import { parseRowCondition } from '../../../src/expectations/row-condition/compile-condition.ts';
import { type Condition, ConditionError } from '../../../src/expectations/row-condition/condition.ts';
import { runSuite } from '../../../src/index.ts';
import { csvTable } from './csv-batch.ts';

const table = csvTable(
  { id: 'integer', status: 'text', total: 'numeric(10,2)', at: 'date', 'odd name': 'text' },
  [
    [1, 'paid', 10.5, '2024-01-01', "it's"],
    [2, 'open', null, '2024-02-01', 'a"b'],
    [3, null, -1, null, null],
    [4, 'paid', 100, '2024-03-01', 'col'],
  ],
);

async function idsWhere(row_condition: unknown): Promise<unknown> {
  const { results } = await runSuite({
    suite: {
      name: 's',
      expectations: [
        { type: 'expect_column_values_to_be_in_set', kwargs: { column: 'id', value_set: [], row_condition } },
      ],
    },
    data: table,
    resultFormat: 'COMPLETE',
    indexColumns: ['id'],
  });
  return results[0]?.result.unexpected_list ?? results[0]?.exception_info.exception_message;
}

describe('a row condition selects rows, missing values being neither equal nor ordered', () => {
  test.each<[string, number[]]>([
    ['status == "paid"', [1, 4]],
    ["status = 'paid' and total > 10.5", [4]],
    ['status != "paid"', [2, 3]],
    ['not status == "paid"', [2, 3]],
    ['total > 0', [1, 4]],
    ['not (total > 0)', [2, 3]],
    ['0 < total', [1, 4]],
    ['total <= -1', [3]],
    ['total is null or status is null', [2, 3]],
    ['total is not null & status.notnull()', [1, 4]],
    ['col("status").notNull()', [1, 2, 4]],
    ['col("status") == "open" | col("id") == 3', [2, 3]],
    ['status in ["open", "void"]', [2]],
    ['status not in ("open")', [1, 3, 4]],
    ['id in []', []],
    ["`odd name` == 'it\\'s' or `odd name` == 'it''s'", [1]],
    ['`odd name` == "a""b"', [2]],
    ['at >= "2024-02-01"', [2, 4]],
    ['col("at") >= date("2024-02-01")', [2, 4]],
    ["date('2024-02-01') > at", [1]],
    ['at in [date("2024-01-01"), "2024-03-01"]', [1, 4]],
    ['id < total', [1, 4]],
    ['id == status', []],
    ['id != status', [1, 2, 3, 4]],
    ['id == "1"', []],
    ['id != "1"', [1, 2, 3, 4]],
    ['a_b == 1 or id == 1', []],
  ])('%s', async (text, ids) => {
    const found = await idsWhere(text);
    if (text.startsWith('a_b')) expect(found).toContain('"a_b"');
    else expect(found).toEqual(ids);
  });

  test.each<[Record<string, unknown>, number[]]>([
    [{ type: 'comparison', column: { name: 'status' }, operator: '==', parameter: 'paid' }, [1, 4]],
    [{ type: 'comparison', column: { name: 'id' }, operator: 'NOT_IN', parameter: [1, 2] }, [3, 4]],
    [{ type: 'nullity', column: { name: 'total' }, is_null: true }, [2]],
    [{ type: 'pass_through', pass_through_filter: 'id > 3' }, [4]],
    [
      {
        type: 'or',
        conditions: [
          { type: 'nullity', column: { name: 'status' }, is_null: true },
          {
            type: 'and',
            conditions: [
              { type: 'comparison', column: { name: 'id' }, operator: '<', parameter: 4 },
              { type: 'comparison', column: { name: 'total' }, operator: '>=', parameter: 10 },
            ],
          },
        ],
      },
      [1, 3],
    ],
  ])('the object form %j', async (term, ids) => {
    expect(await idsWhere(term)).toEqual(ids);
  });
});

describe('a row condition is refused', () => {
  test.each([
    ['', 'expected a column or a constant at 0, found the end'],
    ['id ==', 'expected a column or a constant at 5'],
    ['id == 1 id == 2', 'expected "and", "or" or the end at 8'],
    ['read_text("/etc/passwd") == 1', 'expected a comparison'],
    ['id == 1; drop table batch', 'unexpected ";" at 7'],
    ["status == 'paid", 'the quote that opens at 10 is never closed'],
    ['(id == 1', 'expected ")" at 8'],
    ['1 == 1', 'two constants'],
    ['id in [status]', 'constants only'],
    ['at > date(2024)', 'expected a date in quotes at 10, found "2024"'],
    ['at > date(status)', 'expected a date in quotes at 10'],
    ['at > date("2024-01-01"', 'expected ")" at 22, found the end'],
    ['at > datetime("2024-01-01")', 'expected "and", "or" or the end at 13'],
  ])('%s', (text, message) => {
    expect(() => parseRowCondition(text)).toThrow(ConditionError);
    expect(() => parseRowCondition(text)).toThrow(message);
  });

  test('when it is too deep or too long', () => {
    const deep = `${'('.repeat(200)}id == 1${')'.repeat(200)}`;
    expect(() => parseRowCondition(deep)).toThrow('nested deeper');
    expect(() => parseRowCondition('not '.repeat(300))).toThrow('nested deeper');
    expect(() => parseRowCondition(`id == "${'a'.repeat(20_000)}"`)).toThrow('longer than');
  });
});

test('random words are either read or refused, never anything else', () => {
  const random = mulberry32(7);
  const words = [
    'id',
    '`a b`',
    '==',
    '!=',
    '<',
    'and',
    'or',
    'not',
    '(',
    ')',
    '"x"',
    "'y'",
    '1',
    '-2.5',
    'in',
    '[',
    ']',
  ];
  words.push(
    ',',
    'is',
    'null',
    '.',
    'notnull()',
    'col("z")',
    'date("2024-01-01")',
    'date(',
    '~',
    '\\',
    '"',
    '\u0000',
    'é',
  );
  let read = 0;
  for (let round = 0; round < 20_000; round++) {
    const length = 1 + Math.floor(random() * 12);
    const picked = Array.from({ length }, () => words[Math.floor(random() * words.length)]);
    try {
      parseRowCondition(picked.join(random() < 0.5 ? ' ' : ''));
      read++;
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error;
    }
  }
  expect(read).toBeGreaterThan(10);
});

test('a condition that is written out is read as the same tree', () => {
  const random = mulberry32(11);
  for (let round = 0; round < 3_000; round++) {
    const condition = randomCondition(random, 4);
    expect(parseRowCondition(print(condition))).toEqual(condition);
  }
});

function randomCondition(random: () => number, depth: number): Condition {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const column = () => pick(['id', 'a b', 'ta`b', 'q"r', "s't", 'back\\slash', 'and', 'date', 'é']);
  const constant = () =>
    pick(['', 'x', '2024-06-01', "it's", 'say "hi"', 'c:\\d', '`', '\n', 0, 1.5, -3, 1e21, true, false]);
  const comparator = () => pick(['==', '!=', '<', '<=', '>', '>='] as const);
  const inner = () => randomCondition(random, depth - 1);
  switch (pick(depth === 0 ? [0, 1, 2, 3] : [0, 1, 2, 3, 4, 5, 6])) {
    case 0:
      return { kind: 'compare', column: column(), comparator: comparator(), value: constant() };
    case 1:
      return { kind: 'compare-columns', column: column(), comparator: comparator(), other: column() };
    case 2:
      return { kind: 'in', column: column(), values: [constant(), constant()] };
    case 3:
      return { kind: 'is-null', column: column() };
    case 4:
      return { kind: 'not', term: inner() };
    default:
      return { kind: pick(['and', 'or']), terms: [inner(), inner(), inner()] };
  }
}

/** Writes a condition with every group in parentheses, so that reading it gives the same tree. `date(...)` is a way to write a text. */
function print(condition: Condition): string {
  const name = (text: string) => `\`${text.replaceAll('\\', '\\\\').replaceAll('`', '``')}\``;
  const constant = (value: unknown) => {
    if (typeof value !== 'string') return String(value);
    const text = `"${value.replaceAll('\\', '\\\\').replaceAll('"', '""')}"`;
    return value.startsWith('2024') ? `date(${text})` : text;
  };
  switch (condition.kind) {
    case 'compare':
      return `${name(condition.column)} ${condition.comparator} ${constant(condition.value)}`;
    case 'compare-columns':
      return `${name(condition.column)} ${condition.comparator} ${name(condition.other)}`;
    case 'in':
      return `${name(condition.column)} in [${condition.values.map(constant).join(', ')}]`;
    case 'is-null':
      return `${name(condition.column)} is null`;
    case 'not':
      return `not (${print(condition.term)})`;
    default:
      return condition.terms.map((term) => `(${print(term)})`).join(` ${condition.kind} `);
  }
}

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
