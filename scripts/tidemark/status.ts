import type { Command } from 'commander';
import { statusQuery } from '../../workflows/messages.ts';
import { renderStatus } from './gate-text.ts';
import { describeRun, listRuns, type RunLine } from './list-runs.ts';
import { type Output, show } from './output.ts';
import { parseCount, parseRunId } from './run-id.ts';
import { withAnswer, withTemporal } from './session.ts';
import { renderTable } from './table.ts';

export function addStatus(program: Command, out: Output): void {
  program
    .command('status')
    .summary('runs and what they wait for; one run in detail')
    .argument('[run]', 'workflow id of a run, with or without ingest/')
    .option('--pipeline <name>', 'runs of this pipeline only')
    .option('--limit <n>', 'number of runs', '20')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  npx tidemark status\n  npx tidemark status ecommerce/live-2026-01-31T02:00:00Z\n\nExit: 0 shown, 1 Temporal or worker gives no answer, 2 wrong usage',
    )
    .action(
      async (run: string | undefined, options: { pipeline?: string; limit: string; json?: boolean }) => {
        const limit = parseCount('--limit', options.limit);
        const id = run === undefined ? null : parseRunId(run);
        await withTemporal(out, async (client) => {
          if (id) {
            const status = await withAnswer(client, () => client.workflow.getHandle(id).query(statusQuery));
            return show(out, options.json, { id, ...status }, () => renderStatus(id, status, Date.now()));
          }
          const found = await listRuns(client, { pipeline: options.pipeline, limit });
          const runs = await Promise.all(found.map((each) => describeRun(client, each)));
          show(out, options.json, runs, () => renderRuns(runs));
        });
      },
    );
}

export function renderRuns(runs: readonly RunLine[]): string {
  if (runs.length === 0) return 'no runs yet; start one: npx tidemark run PIPELINE';
  return renderTable(
    ['RUN', 'STATE', 'STAGE', 'SINCE', 'WAITING FOR'],
    runs.map((run) => [run.id, run.state, run.stage ?? '-', run.since, run.waitingFor ?? '-']),
  );
}
