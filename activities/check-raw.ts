import { cancellationSignal } from '@temporalio/activity';
import type { EntityDefinition } from '../src/core/definition.ts';
import { judgeComparison } from '../src/core/delete-brake.ts';
import type { EntityExtract, ExtractManifest } from '../src/core/manifest.ts';
import { findEntity } from '../src/core/pipeline.ts';
import type { DecisionRecord } from '../src/core/publication.ts';
import { extractHistory, findVolume } from '../src/core/row-history.ts';
import type { ManifestRef } from '../src/core/run.ts';
import type { Finding, Verdict } from '../src/core/verdict.ts';
import type { CheckBatch } from '../src/ports/checks.ts';
import type { ActivityDeps } from './deps.ts';
import { whileHeartbeating } from './heartbeats.ts';
import { openPipeline, type RunScope, readManifest, readPublication } from './manifests.ts';
import { runSuites, type SuiteRun } from './run-suites.ts';

/**
 * Checks the extracted CSV of each entity with its suite, and its size with that of earlier reads, before Spark is
 * paid for. Both are told at one gate, so that nobody lets rows pass that no suite has seen. An entity without
 * changed rows passes unread; one that was read whole is checked even when it is empty.
 */
export function makeCheckRaw(deps: ActivityDeps) {
  return async (
    input: RunScope & {
      manifests: readonly ManifestRef[];
      generation: string;
      decisions?: readonly DecisionRecord[];
    },
  ): Promise<Verdict> => {
    const { pipeline, layout } = openPipeline(deps, input.pipeline);
    const extracts = await Promise.all(
      input.manifests.map((ref) => readManifest<ExtractManifest>(deps.store, ref)),
    );
    const published = (await readPublication(deps.store, layout))?.publication ?? null;
    const findings: Finding[] = [];
    const batches = Object.fromEntries(
      extracts.flatMap((manifest) =>
        Object.entries(manifest.entities).map(([name, extract]) => [name, batchOf(extract)]),
      ),
    );
    const runs = extracts.flatMap((manifest) =>
      Object.entries(manifest.entities).flatMap(([name, extract]): SuiteRun[] => {
        const suite = pipeline.suites[name];
        const entity = findEntity(pipeline, name);
        const history = extractHistory(published, name, extract.read);
        const volume = findVolume(entity, extract, history);
        if (volume) findings.push(volume);
        if (extract.comparison) findings.push(...judgeComparison(entity, extract.comparison));
        // A day without changes is no batch; a whole table without rows is one, and most suites refuse it.
        if (!suite || (extract.rowCount === 0 && extract.read.mode !== 'full')) return [];
        return [
          {
            subject: name,
            suite,
            batch: batches[name]!,
            key: entity.key,
            maskedColumns: maskedColumns(entity, extract),
            rowCount: extract.rowCount,
            rowCountHistory: extract.read.mode === 'full' ? history : history.filter((count) => count > 0),
          },
        ];
      }),
    );
    const stage = {
      pipeline: input.pipeline,
      sparkAboveRows: pipeline.definition.checks.sparkAboveRows,
      runKey: input.runKey,
      stage: 'raw',
      generation: input.generation,
      allowed: ['approve', 'skip', 'retry', 'abort'],
      decisions: input.decisions,
    } as const;
    return await whileHeartbeating(() =>
      runSuites(deps, layout, stage, runs, batches, cancellationSignal(), findings),
    );
  };
}

function batchOf(extract: ExtractManifest['entities'][string]): CheckBatch {
  return { format: 'csv', files: extract.parts.map((part) => part.uri), columns: extract.columns };
}

/** Columns with a class of personal data, and those that the contract does not know: nobody has said what they hold. */
function maskedColumns({ columns }: EntityDefinition, extract: EntityExtract): string[] {
  return extract.columns.map(({ name }) => name).filter((name) => !columns[name] || columns[name].pii);
}
