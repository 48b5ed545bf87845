import { createHash } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import { makeCheckRaw } from '../../../activities/check-raw.ts';
import type { ActivityDeps } from '../../../activities/deps.ts';
import { definePipeline } from '../../../src/core/definition.ts';
import type { EntityRead, ExtractManifest } from '../../../src/core/manifest.ts';
import { assemblePipeline } from '../../../src/core/pipeline.ts';
import type { RowCount } from '../../../src/core/publication.ts';
import type { Verdict } from '../../../src/core/verdict.ts';
import type { ValidationResult } from '../../../src/expectations/types.ts';
import { extractManifest, extractOf } from '../core/sample.ts';

const pipeline = assemblePipeline(
  definePipeline({
    name: 'shop',
    sources: { erp: {} },
    entities: [
      {
        name: 'orders',
        source: 'erp',
        table: 'public.orders',
        key: ['id'],
        columns: { id: { type: 'integer' } },
      },
    ],
  }),
  [],
  { orders: { name: 'orders', expectations: [] } },
);

/** What the check said of an extract, and the row histories with which suites were run. */
async function check(rowCount: number, read: EntityRead, counts: readonly RowCount[] = []) {
  const manifest: ExtractManifest = extractManifest({ orders: { ...extractOf(), rowCount, read } });
  const text = JSON.stringify(manifest);
  const publication = JSON.stringify({ rowHistory: { orders: counts } });
  const histories: unknown[] = [];
  const deps = {
    pipelines: new Map([['shop', pipeline]]),
    zones: { raw: 's3://r', clean: 's3://c', curated: 's3://u', quarantine: 's3://q', state: 's3://s' },
    store: {
      read: async (uri: string) => ({ text: uri.endsWith('/m.json') ? text : publication, etag: 'e' }),
      write: async () => undefined,
    },
    checks: {
      check: async (
        _suite: unknown,
        _batch: unknown,
        options: { rowCountHistory?: unknown },
      ): Promise<ValidationResult> => {
        histories.push(options.rowCountHistory);
        const statistics = {
          evaluated_expectations: 0,
          successful_expectations: 0,
          unsuccessful_expectations: 0,
          success_percent: null,
        };
        return {
          success: true,
          results: [],
          suite_name: 'orders',
          suite_parameters: {},
          statistics,
          meta: {},
        };
      },
    },
  } as unknown as ActivityDeps;
  const digest = createHash('sha256').update(text).digest('hex');
  const verdict: Verdict = await new MockActivityEnvironment().run(makeCheckRaw(deps), {
    pipeline: 'shop',
    kind: 'live' as const,
    runKey: 'r1',
    generation: 'r1-x1',
    manifests: [{ uri: 's3://r/m.json', digest }],
  });
  return { verdict, histories };
}

const incremental: EntityRead = { mode: 'incremental', fromXid: '7' };
const live = (rowCount: number): RowCount => ({ runKind: 'live', rowCount });

describe('checkRaw on an entity without rows', () => {
  it('checks a whole table, since an emptied one must not pass unseen', async () => {
    const { histories } = await check(0, { mode: 'full', reason: 'asked for' });
    expect(histories).toHaveLength(1);
  });

  it('leaves out a day without changes', async () => {
    const { histories } = await check(0, incremental);
    expect(histories).toHaveLength(0);
  });
});

describe('checkRaw on more rows than usual', () => {
  const usual = [live(100), live(0), live(200), live(300)];

  it('finds them, and runs the suite all the same, so that an approval lets nothing pass unseen', async () => {
    const { verdict, histories } = await check(1_000_000, incremental, usual);
    expect(verdict.findings).toMatchObject([{ check: 'volume', severity: 'critical', subject: 'orders' }]);
    expect(verdict.allowed).toContain('approve');
    expect(histories).toHaveLength(1);
  });

  it('tells a suite of earlier batches, of which an empty day is none', async () => {
    const { verdict, histories } = await check(150, incremental, [
      ...usual,
      { runKind: 'full', rowCount: 9 },
    ]);
    expect(verdict.findings).toEqual([]);
    expect(histories).toEqual([[100, 200, 300]]);
  });
});
