import { randomUUID } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { makeCheckSource } from '../../activities/check-source.ts';
import type { ActivityDeps } from '../../activities/deps.ts';
import { makeExtractSource } from '../../activities/extract-source.ts';
import {
  createManifest,
  digestOf,
  type RunScope,
  readManifest,
  readPublication,
} from '../../activities/manifests.ts';
import { makePlanRun } from '../../activities/plan-run.ts';
import { makePublishRun } from '../../activities/publish-run.ts';
import { definePipeline, type PipelineInput } from '../../src/core/definition.ts';
import { planFold, settledBy } from '../../src/core/fold.ts';
import { makeLayout, type Zones } from '../../src/core/layout.ts';
import type { ExtractManifest } from '../../src/core/manifest.ts';
import { assemblePipeline, entityFingerprint, findEntity } from '../../src/core/pipeline.ts';
import type { Publication } from '../../src/core/publication.ts';
import type { ManifestRef, RunPlan } from '../../src/core/run.ts';
import type { CleanedEntity, WrittenTable } from '../../src/core/stage.ts';
import type { ObjectStore } from '../../src/ports/object-store.ts';
import type { Source } from '../../src/ports/source.ts';
import { type CsvRow, readCsv } from './lake-of-parts.ts';

/** A read that is stored and not published yet. */
export interface StoredRead {
  readonly scope: RunScope;
  readonly ref: ManifestRef;
  readonly manifest: ExtractManifest;
  /** By entity. */
  readonly rows: ReadonlyMap<string, readonly CsvRow[]>;
}

/**
 * Runs of a pipeline of one source by the activities that plan, guard, extract and publish; the publication is in the
 * store. Only Spark is left out: rows are folded in memory, by what `planFold` says.
 */
export function openPublishedLake(
  input: PipelineInput,
  { store, zones, source }: { store: ObjectStore; zones: Zones; source: () => Source },
) {
  const pipeline = assemblePipeline(definePipeline(input), [], {});
  const { name } = pipeline.definition;
  const layout = makeLayout(zones, name);
  const deps = {
    pipelines: new Map([[name, pipeline]]),
    zones,
    store,
    sourceOf: source,
  } as unknown as ActivityDeps;
  const lakes = new Map<string, Map<string, { readonly order: string; readonly row: CsvRow }>>();
  let runCount = 0;

  const currentPublication = async (): Promise<Publication | null> =>
    (await readPublication(store, layout))?.publication ?? null;

  /** As the clean and the model step leave it, without files. */
  const foldEntity = (entity: string, base: Publication | null, { manifest, rows }: StoredRead) => {
    const definition = findEntity(pipeline, entity);
    const published = base?.entities[entity] ?? null;
    const counts = { rowsIn: 0, clean: 0, rejected: 0, deduplicated: 0, reasons: {} };
    const cleaned: CleanedEntity = { files: [], touched: [''], counts };
    const extracts = [manifest];
    const { replacesUpTo, floor } = planFold({
      name: entity,
      base: published,
      cleaned,
      extracts,
      isRebuilt: false,
    });
    const lake = new Map(
      [...(lakes.get(entity) ?? [])].filter(([, held]) => replacesUpTo === null || held.order > replacesUpTo),
    );
    const { order } = manifest.snapshot;
    for (const row of floor !== null && order < floor ? [] : rows.get(entity)!) {
      const key = JSON.stringify(definition.key.map((column) => row[column]));
      if (order >= (lake.get(key)?.order ?? '')) lake.set(key, { order, row });
    }
    const written: WrittenTable = {
      definitionDigest: digestOf(entityFingerprint(definition)),
      columns: [],
      partitionBy: null,
      touched: [],
      location: 's3://none/',
      files: [],
      rowCount: 0,
      sums: {},
      ...settledBy(entity, published, cleaned, extracts),
    };
    return { lake, written };
  };

  return {
    currentPublication,
    /** Plans a run and looks at the source. */
    async look(kind: RunScope['kind'] = 'live', window?: RunScope['window']) {
      const scope: RunScope = { pipeline: name, kind, window, runKey: `${kind}-${++runCount}` };
      const wanted = await makePlanRun(deps)(scope);
      return { scope, wanted, ...(await makeCheckSource(deps)({ ...scope, plan: wanted })) };
    },
    /** Reads and stores what a plan says. */
    async read({ scope, plan }: { scope: RunScope; plan: RunPlan }): Promise<StoredRead> {
      const env = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
      const request = {
        ...scope,
        ...plan.sources[0]!,
        baseSequence: plan.baseSequence,
        generation: `${scope.runKey}-${randomUUID().slice(0, 8)}`,
      };
      const extractSource = makeExtractSource(deps);
      const { manifest: ref } = await (env.run(extractSource, request) as ReturnType<typeof extractSource>);
      const manifest = await readManifest<ExtractManifest>(store, ref);
      const rows = new Map<string, CsvRow[]>();
      for (const [entity, { parts }] of Object.entries(manifest.entities)) {
        const texts = await Promise.all(
          parts.map(({ uri, sizeBytes }) => store.readRange(uri, 0, sizeBytes)),
        );
        rows.set(
          entity,
          texts.flatMap((bytes) => readCsv(gunzipSync(bytes).toString('utf8'))),
        );
      }
      return { scope, ref, manifest, rows };
    },
    /** Folds and publishes, on what is published now. */
    async publish(stored: StoredRead) {
      const { scope, ref } = stored;
      const base = await currentPublication();
      const folded = [...stored.rows.keys()].map(
        (entity) => [entity, foldEntity(entity, base, stored)] as const,
      );
      const baseSequence = base?.sequence ?? 0;
      const generation = `${scope.runKey}-m`;
      const model = await createManifest(store, layout.stageManifest(scope.runKey, randomUUID()), {
        version: 1,
        runKey: scope.runKey,
        generation,
        baseSequence,
        entities: Object.fromEntries(folded.map(([entity, { written }]) => [entity, written])),
        tables: {},
      });
      const build = {
        ...scope,
        manifests: [ref],
        skipped: [],
        baseSequence,
        generation,
        model,
        decisions: [],
      };
      const result = await makePublishRun(deps)(build);
      if (result.published) for (const [entity, { lake }] of folded) lakes.set(entity, lake);
      return result;
    },
    /** Rows of an entity as text, by key. */
    rows: (entity: string): CsvRow[] =>
      [...lakes.get(entity)!].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { row }]) => row),
  };
}

export type PublishedLake = ReturnType<typeof openPublishedLake>;
