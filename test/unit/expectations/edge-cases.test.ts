import { describe, expect, test } from 'vitest';
import { EXPECTATIONS } from '../../../src/expectations/registry.ts';
import { runSuite, SuiteError, type TableFiles } from '../../../src/index.ts';
import { csvTable } from './csv-batch.ts';
import { EDGE_CASES, type EdgeCase, NOW, OTHER, ROW_COUNT_HISTORY } from './edge-cases.ts';

const ALWAYS = ['passing', 'failing', 'all missing', 'empty table', 'one row', 'another type'];
const WITH_MOSTLY = [...ALWAYS, 'mostly, just reached', 'mostly, just missed'];
const other = csvTable(OTHER.types, OTHER.rows);

async function judge(
  type: string,
  { types, rows, kwargs, want }: EdgeCase,
  tables: Readonly<Record<string, TableFiles>> = { other },
): Promise<void> {
  const running = runSuite({
    suite: { name: 'edge', expectations: [{ type, kwargs }] },
    data: { ...csvTable(types, rows), tables },
    rowCountHistory: ROW_COUNT_HISTORY,
    now: NOW,
  });
  if ('refused' in want) {
    await expect(running).rejects.toThrow(SuiteError);
    await expect(running).rejects.toThrow(want.refused as RegExp);
    return;
  }
  const [found] = (await running).results;
  const { success, result, exception_info: exception } = found!;
  if ('unevaluated' in want) {
    expect(exception.exception_message).toMatch(want.unevaluated as RegExp);
    expect({ success, result }).toEqual({ success: false, result: {} });
    return;
  }
  expect(exception.exception_message).toBeNull();
  expect({ success, ...result }).toMatchObject(want);
}

describe.each(Object.entries(EDGE_CASES))('%s', (type, cases) => {
  test.each(Object.entries(cases))('%s', (_, edge: EdgeCase) => judge(type, edge));
});

/** Names that would end a query, or start another, where one forgot to quote; as values they stand in the rows too. */
const HOSTILE: Readonly<Record<string, string>> = {
  a: 'a"; drop view batch; --',
  b: "b') or 1=1 --",
  k: 'k\\"."{other}',
  v: 'v`$1` ; --',
  x: "x'' ?",
};

/** A case with hostile names in the place of its columns' names, and of every text that is like one of them. */
function disguise<T>(value: T): T {
  if (typeof value === 'string') return (HOSTILE[value] ?? value) as T;
  if (Array.isArray(value)) return value.map(disguise) as T;
  if (typeof value !== 'object' || value === null || value instanceof RegExp) return value;
  const entries = Object.entries(value).map(([key, each]) => [
    HOSTILE[key] ?? key,
    disguise(each as unknown),
  ]);
  return Object.fromEntries(entries) as T;
}

// A suite's own SQL quotes by itself.
const COMPILED = Object.entries(EDGE_CASES).filter(([type]) => type !== 'unexpected_rows_expectation');

test.each(COMPILED)('%s means the same of hostile names and values', async (type, { failing }) => {
  const { types, rows, kwargs, want } = failing;
  const tables = { other: csvTable(disguise(OTHER.types), disguise(OTHER.rows)) };
  await judge(
    type,
    { types: disguise(types), rows: disguise(rows), kwargs: disguise(kwargs), want: disguise(want) },
    tables,
  );
});

test('every expectation has the cases, those of mostly where it takes that', () => {
  const wanted = EXPECTATIONS.map(({ type, kwargs }) => [
    type,
    'mostly' in kwargs.shape ? WITH_MOSTLY : ALWAYS,
  ]);
  const found = Object.entries(EDGE_CASES).map(([type, cases]) => [type, Object.keys(cases)]);
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(wanted));
});
