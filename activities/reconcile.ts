import { cancellationSignal, heartbeat } from '@temporalio/activity';
import type { ExtractManifest } from '../src/core/manifest.ts';
import type { Model } from '../src/core/model.ts';
import { entityColumns, findEntity, modelColumns } from '../src/core/pipeline.ts';
import type { Publication, TableVersion } from '../src/core/publication.ts';
import { type Comparison, compareTotals, type PlaceTotals } from '../src/core/reconcile.ts';
import type { ManifestRef } from '../src/core/run.ts';
import type { Verdict } from '../src/core/verdict.ts';
import { totalsQuery, warehouseNames } from '../src/core/warehouse-sql.ts';
import type { HiddenRows } from '../src/ports/checks.ts';
import type { ActivityDeps } from './deps.ts';
import { whileHeartbeating } from './heartbeats.ts';
import { digestOf, openPipeline, type RunScope, readManifest, readPublication } from './manifests.ts';

/** Tombstones stay in the entity's files and are no rows of it. */
const GONE: HiddenRows = { column: '_deleted', value: 'gone' };

/**
 * Compares counts and sums: source snapshot against the lake for each entity that this run read last, and
 * lake against Spectrum and native tables for each model. The newest publication is compared, so that a run
 * that finishes beside another one does not raise a false alarm.
 */
export function makeReconcile(deps: ActivityDeps) {
  return async (
    input: RunScope & { sequence: number; manifests: readonly ManifestRef[]; baseSequence?: number },
  ): Promise<Verdict> => {
    const { pipeline, layout } = openPipeline(deps, input.pipeline);
    const { publication } = (await readPublication(deps.store, layout))!;
    const extracts = await Promise.all(
      input.manifests.map((ref) => readManifest<ExtractManifest>(deps.store, ref)),
    );
    const comparisons = await whileHeartbeating(async () => {
      const entities = await Promise.all(
        extracts.flatMap((extract) =>
          Object.keys(extract.entities).map((name) => compareEntity(name, extract, publication)),
        ),
      );
      const models: Comparison[] = [];
      for (const model of pipeline.models) {
        const version = publication.tables[model.name];
        if (version) models.push(await compareModel(model, version));
      }
      return [...entities.filter((each) => each !== null), ...models];
    });
    const findings = comparisons.flatMap(compareTotals);
    const text = JSON.stringify({ sequence: publication.sequence, comparisons }, null, 1);
    const evidenceUri = layout.checkResult(input.runKey, 'reconcile', `p${publication.sequence}`);
    await deps.store.write(evidenceUri, text, 'application/json');
    return {
      evidenceUri,
      evidenceDigest: digestOf(text),
      findings: findings.slice(0, 20),
      findingCount: findings.length,
      checkCount: comparisons.length,
      allowed: ['approve', 'retry', 'abort'],
    };

    /** Null when a newer snapshot than this run's is published, since the lake then rightly differs from it. */
    async function compareEntity(
      name: string,
      extract: ExtractManifest,
      published: Publication,
    ): Promise<Comparison | null> {
      const version = published.entities[name];
      const watermark = published.watermarks[name];
      if (!version || watermark?.runKey !== input.runKey) return null;
      const entity = findEntity(pipeline, name);
      const { source, comparison, read } = extract.entities[name]!;
      // Ranges of a first load are older than the lake where it matters; the live run after it compares the whole.
      if (read.mode === 'range') return null;
      // A cleaned measure may rightly differ from the source's, so only those that clean rules leave alone are summed.
      const measures = Object.keys(source.sums).filter(
        (column) => entity.columns[column]!.clean === undefined,
      );
      const lake = await totals(version, entityColumns(entity), measures, GONE);
      const sums = Object.fromEntries(measures.map((column) => [column, source.sums[column] ?? null]));
      // What was published between plan and publication may be newer than this run's snapshot.
      const isAlone =
        published.sequence === input.sequence && input.sequence === (input.baseSequence ?? 0) + 1;
      // A full read that was resumed may hold rows that were deleted between its snapshots.
      const isWhole = read.mode === 'full' && extract.laterSnapshots === undefined;
      const hasFollowed = comparison !== undefined || isWhole;
      return {
        subject: name,
        places: [{ place: 'source', rowCount: source.rowCount, sums }, lake],
        mayHoldDeleted: !(hasFollowed && isAlone),
      };
    }

    async function compareModel(model: Model, version: TableVersion): Promise<Comparison> {
      const names = warehouseNames(input.pipeline);
      const measures = Object.keys(model.head.columns).filter(
        (column) => model.head.columns[column]!.measure,
      );
      const lake = await totals(
        version,
        modelColumns(model).filter(({ name }) => name !== version.partitionBy),
        measures,
      );
      const spectrum = await warehouseTotals('spectrum', names.spectrum, model.name, measures);
      const native = await warehouseTotals('native', names.native, model.name, measures);
      return { subject: model.name, places: [lake, spectrum, native] };
    }

    async function totals(
      version: TableVersion,
      columns: { name: string; type: string }[],
      measures: readonly string[],
      hidden?: HiddenRows,
    ): Promise<PlaceTotals> {
      const files = version.partitions.flatMap((part) => part.files.map((file) => file.uri));
      return {
        place: 'lake',
        ...(await deps.checks.totals({ format: 'parquet', files, columns }, measures, hidden)),
      };
    }

    async function warehouseTotals(
      place: 'spectrum' | 'native',
      schema: string,
      table: string,
      measures: readonly string[],
    ): Promise<PlaceTotals> {
      const options = {
        signal: cancellationSignal(),
        onPoll: (statementId: string) => heartbeat({ statementId }),
      };
      const [row] = (await deps.warehouse.query(totalsQuery(schema, table, measures), options)).rows;
      const sums = measures.map(
        (name, index) => [name, row?.[index + 1] == null ? null : String(row[index + 1])] as const,
      );
      return { place, rowCount: Number(row?.[0] ?? 0), sums: Object.fromEntries(sums) };
    }
  };
}
