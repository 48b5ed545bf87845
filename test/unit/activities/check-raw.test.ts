import { createHash } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import { makeCheckRaw } from '../../../activities/check-raw.ts';
import type { ActivityDeps } from '../../../activities/deps.ts';
import { definePipeline } from '../../../src/core/definition.ts';
import type { EntityRead, ExtractManifest } from '../../../src/core/manifest.ts';
import { assemblePipeline } from '../../../src/core/pipeline.ts';
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

/** Subjects whose suites were run on an extract without rows. */
async function checkedWhenEmpty(read: EntityRead): Promise<number> {
  const manifest: ExtractManifest = extractManifest({ orders: { ...extractOf(), rowCount: 0, read } });
  const text = JSON.stringify(manifest);
  let checked = 0;
  const deps = {
    pipelines: new Map([['shop', pipeline]]),
    zones: { raw: 's3://r', clean: 's3://c', curated: 's3://u', quarantine: 's3://q', state: 's3://s' },
    store: { read: async () => ({ text, etag: 'e' }), write: async () => undefined },
    checks: {
      check: async (): Promise<ValidationResult> => {
        checked += 1;
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
  await new MockActivityEnvironment().run(makeCheckRaw(deps), {
    pipeline: 'shop',
    kind: 'live' as const,
    runKey: 'r1',
    generation: 'r1-x1',
    manifests: [{ uri: 's3://r/m.json', digest }],
  });
  return checked;
}

describe('checkRaw on an entity without rows', () => {
  it('checks a whole table, since an emptied one must not pass unseen', async () => {
    expect(await checkedWhenEmpty({ mode: 'full', reason: 'asked for' })).toBe(1);
  });

  it('leaves out a day without changes', async () => {
    expect(await checkedWhenEmpty({ mode: 'incremental', fromXid: '7' })).toBe(0);
  });
});
