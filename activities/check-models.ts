import { cancellationSignal } from '@temporalio/activity';
import type { Model } from '../src/core/model.ts';
import { modelColumns, type Pipeline } from '../src/core/pipeline.ts';
import type { DecisionRecord, Publication } from '../src/core/publication.ts';
import { tableHistory } from '../src/core/row-history.ts';
import type { ManifestRef } from '../src/core/run.ts';
import type { ModelManifest } from '../src/core/stage.ts';
import type { Verdict } from '../src/core/verdict.ts';
import type { CheckBatch } from '../src/ports/checks.ts';
import type { BuildScope } from './clean-entities.ts';
import type { ActivityDeps } from './deps.ts';
import { whileHeartbeating } from './heartbeats.ts';
import { openPipeline, readManifest, readPublicationCopy } from './manifests.ts';
import { runSuites, type SuiteRun } from './run-suites.ts';

/**
 * Audits what the model step wrote, before anybody reads it. A suite sees the partitions that this run
 * computed; other models that it names are seen whole, as they will be published.
 */
export function makeCheckModels(deps: ActivityDeps) {
  return async (
    input: BuildScope & { model: ManifestRef; decisions?: readonly DecisionRecord[] },
  ): Promise<Verdict> => {
    const { pipeline, layout } = openPipeline(deps, input.pipeline);
    const written = await readManifest<ModelManifest>(deps.store, input.model);
    const base = await readPublicationCopy(deps.store, layout, input.baseSequence);
    const tables = Object.fromEntries(
      pipeline.models.map((model) => [model.name, wholeTable(model, written, base)]),
    );
    const stage = {
      pipeline: input.pipeline,
      sparkAboveRows: pipeline.definition.checks.sparkAboveRows,
      runKey: input.runKey,
      stage: 'audit',
      generation: input.generation,
      allowed: ['approve', 'skip', 'retry', 'abort'],
      decisions: input.decisions,
    } as const;
    const runs = suiteRuns(pipeline, written, base);
    return await whileHeartbeating(() => runSuites(deps, layout, stage, runs, tables, cancellationSignal()));
  };
}

function suiteRuns(pipeline: Pipeline, written: ModelManifest, base: Publication | null): SuiteRun[] {
  return pipeline.models.flatMap((model): SuiteRun[] => {
    const table = written.tables[model.name];
    const suite = pipeline.suites[model.name];
    if (!table || !suite) return [];
    const batch = {
      format: 'parquet' as const,
      files: table.files.map((file) => file.uri),
      columns: table.columns.filter(({ name }) => name !== table.partitionBy),
    };
    const declared = model.head.columns;
    return [
      {
        subject: model.name,
        suite,
        batch,
        key: model.head.key,
        rowCount: table.rowCount,
        maskedColumns: table.columns
          .map(({ name }) => name)
          // Nobody has said yet what an evolved column holds.
          .filter((name) => !declared[name] || declared[name].pii),
        // A suite sees the touched partitions of an incremental model, which no earlier run's count is comparable with.
        rowCountHistory: model.head.incremental ? [] : tableHistory(base, model.name),
      },
    ];
  });
}

function wholeTable(model: Model, written: ModelManifest, base: Publication | null): CheckBatch {
  const fresh = written.tables[model.name];
  const kept = (base?.tables[model.name]?.partitions ?? []).filter(
    (part) => !fresh?.touched.includes(part.value),
  );
  const files = [
    ...kept.flatMap((part) => part.files.map((file) => file.uri)),
    ...(fresh?.files.map((file) => file.uri) ?? []),
  ];
  return { format: 'parquet', files, columns: fileColumns(model) };
}

/** The partition column is in the path, not in the files. */
function fileColumns(model: Model) {
  return modelColumns(model).filter(({ name }) => name !== model.head.partition_by);
}
