import { cancellationSignal } from '@temporalio/activity';
import type { EntityDefinition } from '../src/core/definition.ts';
import type { ExtractManifest } from '../src/core/manifest.ts';
import { findEntity } from '../src/core/pipeline.ts';
import type { ManifestRef } from '../src/core/run.ts';
import type { Verdict } from '../src/core/verdict.ts';
import type { CheckBatch } from '../src/ports/checks.ts';
import type { ActivityDeps } from './deps.ts';
import { whileHeartbeating } from './heartbeats.ts';
import { openPipeline, type RunScope, readManifest } from './manifests.ts';
import { runSuites, type SuiteRun } from './run-suites.ts';

/** Checks the extracted CSV of each entity with its suite, before Spark is paid for. An entity without changed rows passes unread; one that was read whole is checked even when it is empty. */
export function makeCheckRaw(deps: ActivityDeps) {
  return async (
    input: RunScope & { manifests: readonly ManifestRef[]; generation: string },
  ): Promise<Verdict> => {
    const { pipeline, layout } = openPipeline(deps, input.pipeline);
    const extracts = await Promise.all(
      input.manifests.map((ref) => readManifest<ExtractManifest>(deps.store, ref)),
    );
    const batches = Object.fromEntries(
      extracts.flatMap((manifest) =>
        Object.entries(manifest.entities).map(([name, extract]) => [name, batchOf(extract)]),
      ),
    );
    const runs = extracts.flatMap((manifest) =>
      Object.entries(manifest.entities).flatMap(([name, extract]): SuiteRun[] => {
        const suite = pipeline.suites[name];
        // A day without changes is no batch; a whole table without rows is one, and most suites refuse it.
        if (!suite || (extract.rowCount === 0 && extract.read.mode !== 'full')) return [];
        const entity = findEntity(pipeline, name);
        return [
          {
            subject: name,
            suite,
            batch: batches[name]!,
            key: entity.key,
            maskedColumns: maskedColumns(entity),
          },
        ];
      }),
    );
    const stage = {
      runKey: input.runKey,
      stage: 'raw',
      generation: input.generation,
      allowed: ['approve', 'skip', 'retry', 'abort'],
    } as const;
    return await whileHeartbeating(() => runSuites(deps, layout, stage, runs, batches, cancellationSignal()));
  };
}

function batchOf(extract: ExtractManifest['entities'][string]): CheckBatch {
  return { format: 'csv', files: extract.parts.map((part) => part.uri), columns: extract.columns };
}

function maskedColumns(entity: EntityDefinition): string[] {
  return Object.entries(entity.columns).flatMap(([name, { pii }]) => (pii ? [name] : []));
}
