import { SYSTEM_COLUMNS } from '../src/core/clean-plan.ts';
import { columnType, parquetType } from '../src/core/column-type.ts';
import { TidemarkError } from '../src/core/errors.ts';
import { findEvolved } from '../src/core/evolve.ts';
import type { ExtractManifest } from '../src/core/manifest.ts';
import { findWatermarkGap, nextPublication } from '../src/core/next-publication.ts';
import type { DecisionRecord } from '../src/core/publication.ts';
import type { ManifestRef, PublishResult } from '../src/core/run.ts';
import type { ModelManifest, WrittenTable } from '../src/core/stage.ts';
import type { BuildScope } from './clean-entities.ts';
import type { ActivityDeps } from './deps.ts';
import { whileHeartbeating } from './heartbeats.ts';
import { openPipeline, readManifest, readPublication } from './manifests.ts';
import { mapParallel } from './written-files.ts';

/**
 * Makes the run's data what readers see. Every new file is looked at once more (schema and rows from its
 * footer, under the etag that was audited), then `publication.json` is replaced by compare-and-swap. A base
 * that moved on meanwhile is an answer, not an error. Repeating it after a lost answer publishes nothing twice.
 */
export function makePublishRun(deps: ActivityDeps) {
  return async (
    input: BuildScope & { model: ManifestRef | null; decisions: readonly DecisionRecord[] },
  ): Promise<PublishResult> => {
    const { pipeline, layout } = openPipeline(deps, input.pipeline);
    const current = await readPublication(deps.store, layout);
    const base = current?.publication ?? null;
    if (base?.runKey === input.runKey) return { published: true, sequence: base.sequence };
    const extracts = await Promise.all(
      input.manifests.map((ref) => readManifest<ExtractManifest>(deps.store, ref)),
    );
    const gap = findWatermarkGap(base, extracts);
    if (gap && (input.windows ?? input.ranges))
      throw new TidemarkError(
        'PLAN_CHANGED',
        `${gap}: its source or its watermark went back after these chunks were read; nothing of them is published. Abort, and start the backfill again`,
      );
    if (gap) return { published: false, reason: 'watermark-moved-back', sequence: base?.sequence ?? 0 };
    if ((base?.sequence ?? 0) !== input.baseSequence)
      return { published: false, reason: 'base-moved', sequence: base!.sequence };

    const model = input.model ? await readManifest<ModelManifest>(deps.store, input.model) : null;
    const rowCounts = await whileHeartbeating(() => auditFiles(deps, model));
    const next = nextPublication({
      base,
      pipeline: input.pipeline,
      runKey: input.runKey,
      runKind: input.kind,
      // A backfill of some entities leaves the chunk to be done for the others.
      windows: input.onlyEntities ? [] : (input.windows ?? (input.window ? [input.window] : [])),
      ranges: input.ranges ?? (input.range ? [input.range] : []),
      publishedAt: new Date().toISOString(),
      extracts,
      model,
      rowCounts,
      decisions: input.decisions,
      skippedEntities: input.skipped,
      evolved: findEvolved(pipeline, base, extracts, input.skipped),
    });
    if (base)
      await deps.store.create(
        layout.publicationCopy(base.sequence),
        JSON.stringify(base, null, 1),
        'application/json',
      );
    const { swapped } = await deps.store.swap(
      layout.publication,
      JSON.stringify(next, null, 1),
      current?.etag ?? null,
    );
    if (!swapped) {
      const now = await readPublication(deps.store, layout);
      if (now?.publication.runKey === input.runKey)
        return { published: true, sequence: now.publication.sequence };
      return { published: false, reason: 'base-moved', sequence: now?.publication.sequence ?? 0 };
    }
    return { published: true, sequence: next.sequence };
  };
}

/** Rows by file. Refuses a file whose footer differs from what the step reported or the contract says. */
async function auditFiles(deps: ActivityDeps, model: ModelManifest | null): Promise<Map<string, number>> {
  const rowCounts = new Map<string, number>();
  if (!model) return rowCounts;
  const isEntity = (table: WrittenTable) => Object.values(model.entities).includes(table);
  for (const table of [...Object.values(model.entities), ...Object.values(model.tables)]) {
    const system = isEntity(table)
      ? SYSTEM_COLUMNS.map(({ name, type }) => ({
          name,
          type: type === 'STRING' ? 'text' : type.toLowerCase(),
        }))
      : [];
    const wanted = [...table.columns, ...system].filter(({ name }) => name !== table.partitionBy);
    const counts = await mapParallel(table.files, 8, async (file) => {
      const footer = await deps.footers.read(file);
      const found = footer.columns.map(({ name, type }) => `${name} ${type}`).sort();
      const expected = wanted.map(({ name, type }) => `${name} ${parquetType(columnType(type))}`).sort();
      const differing =
        expected.find((each) => !found.includes(each)) ?? found.find((each) => !expected.includes(each));
      if (differing)
        throw new TidemarkError(
          'FILE_MISMATCH',
          `${file.uri}: its columns are ${found.join(', ')}; expected ${expected.join(', ')}`,
        );
      rowCounts.set(file.uri, footer.rowCount);
      return footer.rowCount;
    });
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (total !== table.rowCount)
      throw new TidemarkError(
        'FILE_MISMATCH',
        `${table.location}: its files hold ${total} rows, Spark reported ${table.rowCount}`,
      );
  }
  return rowCounts;
}
