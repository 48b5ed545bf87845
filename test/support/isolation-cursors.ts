import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { toExtract } from '../../activities/extract-source.ts';
import { digestOf } from '../../activities/manifests.ts';
import { planRead } from '../../activities/plan-run.ts';
import { planComparison } from '../../src/core/comparison.ts';
import { definePipeline, type EntityDefinition } from '../../src/core/definition.ts';
import type { ExtractManifest } from '../../src/core/manifest.ts';
import { nextPublication } from '../../src/core/next-publication.ts';
import { entityFingerprint } from '../../src/core/pipeline.ts';
import type { Publication, TableVersion } from '../../src/core/publication.ts';
import type { ExtractRequest, Source } from '../../src/ports/source.ts';
import { captureRequest } from './extract-request.ts';
import { findGone, openLakeFiles } from './isolation-lake-files.ts';
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
 * The table `item` by the ways of following deletions, each an entity of its name: `reconcile` compares keys in each
 * run, `soft` has column `gone` besides, which marks deleted rows.
 */
export function deletingEntities(): readonly EntityDefinition[] {
  const columns = { k: { type: 'integer' }, v: { type: 'integer' } };
  const item = { source: 'shop', table: 'public.item', key: ['k'] };
  return definePipeline({
    name: 'proof',
    sources: { shop: {} },
    entities: [
      {
        ...item,
        name: 'reconcile',
        columns,
        deletes: { mode: 'reconcile', maxShare: 1, maxCount: 1_000_000 },
      },
      {
        ...item,
        name: 'soft',
        columns: { ...columns, gone: { type: 'boolean' } },
        deletes: { mode: 'soft', column: 'gone' },
      },
    ],
  }).entities;
}

/**
 * Reads entities again and again as live runs do: what is read next comes from the publication alone, and each
 * read is published before the next one. All entities are read under one snapshot. `dir` is needed where keys are
 * compared: parts and lakes are files there.
 */
export function followEntities(
  source: Source,
  entities: readonly EntityDefinition[],
  options: Partial<ExtractRequest> = {},
  dir?: string,
) {
  let publication: Publication | null = null;
  const lakes = new Map(entities.map((entity) => [entity.name, createLake(entity.key)]));
  const files = dir === undefined ? null : openLakeFiles(dir);
  return {
    /** The lake of each entity. */
    lakes,
    /** Runs once and tells what came in, by entity. */
    async run(): Promise<ReadonlyMap<string, Change>> {
      const runKey = `live-${(publication?.sequence ?? 0) + 1}`;
      const publishedOf = (name: string) => publication?.entities[name] ?? null;
      const wanted = entities.map((entity) => {
        const read = planRead(entity, { pipeline: 'proof', kind: 'live', runKey }, publication)!;
        const compare = planComparison(entity, read, publishedOf(entity.name), undefined) ?? undefined;
        return { ...toExtract(entity, read), compare };
      });
      const comparing = files?.compare(wanted, publishedOf, runKey);
      const request = captureRequest(wanted, { ...options, ...comparing?.request });
      const result = await source.extract(request);
      const compared = (await comparing?.finish(result)) ?? result.entities;
      const at = { pipeline: 'proof', runKey };
      const extract = { ...result, entities: compared };
      const manifest: ExtractManifest = { version: 1, ...at, source: 'shop', createdAt: '', ...extract };
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
      const changes: [string, Change][] = [];
      const versions: [string, TableVersion][] = [];
      for (const entity of entities) {
        const { name } = entity;
        const { parts, read, comparison } = compared[name]!;
        const rows = parts.flatMap(({ uri }) =>
          readCsv(
            gunzipSync(request.stored.get(uri.replace('memory://', '')) ?? readFileSync(uri)).toString(),
          ),
        );
        const lake = lakes.get(name)!;
        const gone = comparison?.gone ? findGone(comparison.gone.uri, [...lake.rows().keys()]) : [];
        const change = { order: result.snapshot.order, isWhole: read.mode === 'full', rows, gone };
        lake.apply(change);
        changes.push([name, change]);
        versions.push([
          name,
          {
            definitionDigest: digestOf(entityFingerprint(entity)),
            sequence: 1,
            columns: [],
            partitionBy: null,
            partitions:
              files && entity.deletes.mode === 'reconcile' ? [await files.store(lake.rows(), runKey)] : [],
          },
        ]);
      }
      publication = { ...next, entities: Object.fromEntries(versions) };
      return new Map(changes);
    },
    close: () => files?.close(),
  };
}
