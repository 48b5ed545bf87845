import { describe, expect, test } from 'vitest';
import { EXPECTATIONS } from '../../../src/expectations/registry.ts';
import { runSuite, SuiteError } from '../../../src/index.ts';
import { csvTable } from './csv-batch.ts';
import { EDGE_CASES, type EdgeCase, NOW, OTHER, ROW_COUNT_HISTORY } from './edge-cases.ts';

const ALWAYS = ['passing', 'failing', 'all missing', 'empty table', 'one row', 'another type'];
const WITH_MOSTLY = [...ALWAYS, 'mostly, just reached', 'mostly, just missed'];
const other = csvTable(OTHER.types, OTHER.rows);

async function judge(type: string, { types, rows, kwargs, want }: EdgeCase): Promise<void> {
  const running = runSuite({
    suite: { name: 'edge', expectations: [{ type, kwargs }] },
    data: { ...csvTable(types, rows), tables: { other } },
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

test('every expectation has the cases, those of mostly where it takes that', () => {
  const wanted = EXPECTATIONS.map(({ type, kwargs }) => [
    type,
    'mostly' in kwargs.shape ? WITH_MOSTLY : ALWAYS,
  ]);
  const found = Object.entries(EDGE_CASES).map(([type, cases]) => [type, Object.keys(cases)]);
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(wanted));
});
