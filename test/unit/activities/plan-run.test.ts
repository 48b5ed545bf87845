import { expect, test } from 'vitest';
import type { ActivityDeps } from '../../../activities/deps.ts';
import { digestOf } from '../../../activities/manifests.ts';
import { makePlanRun } from '../../../activities/plan-run.ts';
import { definePipeline, type EntityInput } from '../../../src/core/definition.ts';
import { assemblePipeline, entityFingerprint } from '../../../src/core/pipeline.ts';
import type { Publication, Watermark } from '../../../src/core/publication.ts';
import { shopInput } from '../core/sample.ts';

const from = '2024-01-01T00:00:00.000000Z';

/** What a live run reads of orders, whose cursor and last watermark are given. */
async function plan(cursor: EntityInput['cursor'], watermark: Partial<Watermark> = {}) {
  const input = shopInput();
  const definition = definePipeline({ ...input, entities: [{ ...input.entities[0]!, cursor }] });
  const publication = {
    sequence: 3,
    watermarks: { orders: { xid: '900', ...watermark } },
    entities: { orders: { definitionDigest: digestOf(entityFingerprint(definition.entities[0]!)) } },
  } as unknown as Publication;
  const zones = { raw: 's3://z', clean: 's3://z', curated: 's3://z', quarantine: 's3://z', state: 's3://z' };
  const deps = {
    pipelines: new Map([['shop', assemblePipeline(definition, [], {})]]),
    zones,
    store: { read: async () => ({ text: JSON.stringify(publication), etag: 'e' }) },
  } as unknown as ActivityDeps;
  const { sources } = await makePlanRun(deps)({ pipeline: 'shop', kind: 'live', runKey: 'live-1' });
  return sources[0]!.entities[0]!.read;
}

test.each([
  ['xmin', { mode: 'xmin' }, {}, { mode: 'incremental', fromXid: '900' }],
  [
    'xid8-column',
    { mode: 'xid8-column', column: 'x' },
    {},
    { mode: 'incremental', fromXid: '900', cursor: { mode: 'xid8-column', column: 'x' } },
  ],
  [
    'timestamp',
    { mode: 'timestamp', column: 'at' },
    { cursorFrom: from },
    { mode: 'incremental', fromXid: '900', cursor: { mode: 'timestamp', column: 'at', from } },
  ],
  [
    'timestamp without a published bound',
    { mode: 'timestamp', column: 'at' },
    {},
    { mode: 'full', reason: 'no bound of its cursor is published' },
  ],
  ['full', { mode: 'full' }, {}, { mode: 'full', reason: 'its cursor is full' }],
] as const)('%s continues from the watermark alone', async (_name, cursor, watermark, expected) => {
  expect(await plan(cursor, watermark)).toEqual(expected);
});
