import type { Command } from 'commander';
import { statusQuery } from '../../workflows/messages.ts';
import { showGaps } from './gaps.ts';
import { renderStatus } from './gate-text.ts';
import { describeRun, listRuns, type RunLine } from './list-runs.ts';
import { CommandError, EXIT, type Output, show } from './output.ts';
import { readQuarantined } from './quarantined.ts';
import { parseCount, parseRunId } from './run-id.ts';
import { requireKnown, withAnswer, withTemporal } from './session.ts';
import { renderTable } from './table.ts';
import { listWaits, renderWait } from './waits.ts';
import { followRun, watchList } from './watch.ts';

interface StatusOptions {
  readonly pipeline?: string;
  readonly limit: string;
  readonly gaps?: string | true;
  readonly since?: string;
  readonly watch?: boolean;
  readonly json?: boolean;
}

export function addStatus(program: Command, out: Output): void {
  program
    .command('status')
    .summary('runs and what they wait for; one run in detail')
    .argument('[run]', 'workflow id of a run, with or without ingest/')
    .option('--pipeline <name>', 'runs of this pipeline only')
    .option('--limit <n>', 'number of runs', '20')
    .option(
      '--watch',
      'follow a run until it ends or waits; without a run, print the list anew as it changes',
    )
    .option(
      '--gaps [pipeline]',
      'every time of the schedule and what became of it; exit 1 when data of one is missing',
    )
    .option(
      '--since <instant>',
      'with --gaps: from then on; default since the schedule is known, changes of its times included',
    )
    .option('--json', 'as JSON; with --watch one document a line')
    .addHelpText(
      'after',
      '\nExamples:\n  npx tidemark status\n  npx tidemark status ecommerce/live-2026-01-31T02:00:00Z --watch\n  npx tidemark status --gaps ecommerce --since 2026-01-01\n\nExit: 0 shown, 1 Temporal or worker gives no answer, 2 wrong usage; with RUN and --watch: 0 published or skipped, 1 failed or aborted, 3 waits at a gate',
    )
    .action(async (run: string | undefined, options: StatusOptions) => {
      const limit = parseCount('--limit', options.limit, 1);
      if (options.since !== undefined && options.gaps === undefined)
        throw new CommandError('--since goes with --gaps only', EXIT.usage);
      const id = run === undefined ? null : parseRunId(run);
      await withTemporal(out, async (client, config) => {
        if (options.gaps !== undefined) {
          const pipeline = options.gaps === true ? options.pipeline : options.gaps;
          return await showGaps(out, client, config, { pipeline, since: options.since, json: options.json });
        }
        if (id && options.watch) return void (await followRun(out, client, id, options.json));
        if (id) {
          const status = await withAnswer(client, () => client.workflow.getHandle(id).query(statusQuery));
          const waits = await listWaits(client, id);
          const quarantined = await readQuarantined(out, id, status);
          return show(out, options.json, { id, ...status, waits, quarantined }, () =>
            [
              renderStatus(id, status, Date.now(), quarantined),
              ...waits.map((each) => renderWait(each, Date.now())),
            ].join('\n'),
          );
        }
        const look = async () => {
          const found = await listRuns(client, { pipeline: options.pipeline, limit });
          await requireKnown(config, options.pipeline, found);
          return await Promise.all(found.map((each) => describeRun(client, each)));
        };
        if (options.watch) return await watchList(out, options.json, look, renderRuns);
        const runs = await look();
        show(out, options.json, runs, () => renderRuns(runs));
      });
    });
}

export function renderRuns(runs: readonly RunLine[]): string {
  if (runs.length === 0) return 'no runs yet; start one: npx tidemark run PIPELINE';
  return renderTable(
    ['RUN', 'STATE', 'STAGE', 'SINCE', 'WAITING FOR'],
    runs.map((run) => [run.id, run.state, run.stage ?? '-', run.since, run.waitingFor ?? '-']),
  );
}
