import type { Command } from 'commander';
import { taskQueueOf } from '../../src/config.ts';
import { describeCompared } from '../../src/core/comparison.ts';
import type { ComparedEntity, IngestInput, RunOutcome } from '../../src/core/run.ts';
import type { ingest } from '../../workflows/index.ts';
import { requireEntities } from './backfill-range.ts';
import { type Output, show } from './output.ts';
import { ingestWorkflowId, parseAt } from './run-id.ts';
import { requirePipeline, withTemporal } from './session.ts';
import { renderTable } from './table.ts';
import { followRun } from './watch.ts';

interface ReconcileOptions {
  readonly entity?: readonly string[];
  readonly json?: boolean;
}

export function addReconcile(program: Command, out: Output): void {
  program
    .command('reconcile')
    .summary('compare source and lake row by row, and heal what differs')
    .argument('<pipeline>', 'name of the pipeline')
    .option('--entity <names...>', 'entities to compare; default all')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nStarts a live run that reads the changes as ever, compares every row by its hash, brings rows that were late or\nlost, and deletes rows that the source no longer has. Deletions beyond the brake wait at a gate.\n\nExamples:\n  npx tidemark reconcile ecommerce\n  npx tidemark reconcile ecommerce --entity orders customers --json\n\nExit: 0 published or skipped; 1 failed or aborted; 2 wrong usage; 3 waits at a gate',
    )
    .action(async (pipeline: string, { entity, json }: ReconcileOptions) => {
      const at = parseAt(undefined, Date.now());
      await withTemporal(out, async (client, config) => {
        const found = await requirePipeline(config, pipeline);
        requireEntities(found, '--entity', entity);
        const known = found.definition.entities.map((each) => each.name);
        const workflowId = ingestWorkflowId(pipeline, 'audit', at);
        const input: IngestInput = { pipeline, kind: 'live', at, audit: entity ?? true };
        const handle = await client.workflow.start<typeof ingest>('ingest', {
          workflowId,
          taskQueue: taskQueueOf(config, found),
          args: [input],
        });
        if (!json) out.print(`started ${workflowId}`);
        const quiet: Output = { ...out, print: json ? () => undefined : out.print };
        const watched = await followRun(quiet, client, workflowId, json);
        out.exitCode = quiet.exitCode;
        const isDone = watched.state === 'published' || watched.state === 'skipped';
        const outcome: RunOutcome | null = isDone ? await handle.result() : null;
        if (json || outcome)
          show(out, json, { run: workflowId, ...watched, compared: outcome?.compared ?? null }, () =>
            renderCompared(entity ?? known, outcome?.compared ?? {}),
          );
      });
    });
}

/** A table by entity; one that was read whole has nothing to compare. */
export function renderCompared(
  entities: readonly string[],
  compared: Readonly<Record<string, ComparedEntity>>,
): string {
  const rows = entities.map((name) => {
    const found = compared[name];
    if (!found) return [name, '-', '-', '-', '-', '-', 'read whole'];
    const { comparedCount, differingBuckets, lostCount, goneCount, healedCount } = found;
    // Rows that differ by a column that is gone have not come late.
    const lateCount = found.droppedColumns ? null : found.lateCount;
    const counts = [comparedCount, differingBuckets, lateCount, lostCount, goneCount, healedCount];
    return [name, ...counts.map((count) => (count === null ? '-' : String(count)))];
  });
  const table = renderTable(
    ['entity', 'rows compared', 'buckets differing', 'late', 'lost', 'gone', 'healed'],
    rows,
  );
  const notes = entities.flatMap((name) =>
    compared[name]?.droppedColumns ? describeCompared(name, compared[name]) : [],
  );
  return [table, ...notes].join('\n');
}
