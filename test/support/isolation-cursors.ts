import { gunzipSync } from 'node:zlib';
import { toExtract } from '../../activities/extract-source.ts';
import { digestOf } from '../../activities/manifests.ts';
import { planRead } from '../../activities/plan-run.ts';
import { definePipeline, type EntityDefinition } from '../../src/core/definition.ts';
import type { ExtractManifest } from '../../src/core/manifest.ts';
import { nextPublication } from '../../src/core/next-publication.ts';
import { entityFingerprint } from '../../src/core/pipeline.ts';
import type { Publication } from '../../src/core/publication.ts';
import type { ExtractRequest, Source } from '../../src/ports/source.ts';
import { captureRequest } from './extract-request.ts';
import { type Change, createLake, readCsv } from './lake-of-parts.ts';

/**
 * The table `item` read by every cursor of ours, each an entity of the cursor's name with columns `k` and `v`.
 * `lagSeconds` is that of the timestamp cursor: 0 where nothing moves during an extract, so that it stands on its
 * bound alone; otherwise long enough for a server that shows a transaction a moment after it began.
 */
export function itemEntities(lagSeconds: number): readonly EntityDefinition[] {
  const cursors = {
    xmin: { mode: 'xmin' },
    timestamp: { mode: 'timestamp', column: 'updated_at', lagSeconds },
    xid8_column: { mode: 'xid8-column', column: 'written_by' },
    full: { mode: 'full' },
  } as const;
  return definePipeline({
    name: 'proof',
    sources: { shop: {} },
    entities: Object.entries(cursors).map(([name, cursor]) => ({
      name,
      source: 'shop',
      table: 'public.item',
      key: ['k'],
      columns: { k: { type: 'integer' }, v: { type: 'integer' } },
      cursor,
    })),
  }).entities;
}

/**
 * Reads entities again and again as live runs do: what is read next comes from the publication alone, and each
 * read is published before the next one. All entities are read under one snapshot.
 */
export function followEntities(
  source: Source,
  entities: readonly EntityDefinition[],
  options: Partial<ExtractRequest> = {},
) {
  let publication: Publication | null = null;
  const lakes = new Map(entities.map((entity) => [entity.name, createLake(entity.key)]));
  return {
    /** The lake of each entity. */
    lakes,
    /** Runs once and tells what came in, by entity. */
    async run(): Promise<ReadonlyMap<string, Change>> {
      const runKey = `live-${(publication?.sequence ?? 0) + 1}`;
      const request = captureRequest(
        entities.map((each) =>
          toExtract(each, planRead(each, { pipeline: 'proof', kind: 'live', runKey }, publication)!),
        ),
        options,
      );
      const result = await source.extract(request);
      const at = { pipeline: 'proof', runKey };
      const manifest: ExtractManifest = { version: 1, ...at, source: 'shop', createdAt: '', ...result };
      const next = nextPublication({
        ...at,
        base: publication,
        runKind: 'live',
        windows: [],
        publishedAt: '',
        extracts: [manifest],
        model: null,
        rowCounts: new Map(),
        decisions: [],
        skippedEntities: [],
      });
      publication = { ...next, entities: Object.fromEntries(entities.map(publishedVersion)) };
      const changes = entities.map(({ name }): [string, Change] => {
        const isWhole = result.entities[name]!.read.mode === 'full';
        const parts = [...request.stored].filter(([part]) => part.startsWith(`${name}/`));
        const rows = parts.flatMap(([, bytes]) => readCsv(gunzipSync(bytes).toString('utf8')));
        const change = { order: result.snapshot.order, isWhole, rows };
        lakes.get(name)!.apply(change);
        return [name, change];
      });
      return new Map(changes);
    },
  };
}

/** What a publication says of an entity whose rows are all in one place; its files do not matter here. */
function publishedVersion(entity: EntityDefinition): [string, Publication['entities'][string]] {
  const definitionDigest = digestOf(entityFingerprint(entity));
  return [entity.name, { definitionDigest, sequence: 1, columns: [], partitionBy: null, partitions: [] }];
}
