import type { Command } from 'commander';
import { openGates, renderGate } from './gate-text.ts';
import { askStatus, listRuns } from './list-runs.ts';
import { type Output, show } from './output.ts';
import { withTemporal } from './session.ts';

export function addGates(program: Command, out: Output): void {
  program
    .command('gates')
    .summary('open gates of all runs, with the commands that answer them')
    .option('--pipeline <name>', 'gates of this pipeline only')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  npx tidemark gates\n  npx tidemark gates --pipeline ecommerce --json\n\nExit: 0 shown (also when none is open), 1 Temporal gives no answer or a waiting run does not, 2 wrong usage',
    )
    .action(async (options: { pipeline?: string; json?: boolean }) => {
      await withTemporal(out, async (client) => {
        const runs = await listRuns(client, { ...options, waiting: true, limit: 200 });
        const asked = await Promise.all(
          runs.map(async ({ workflowId }) => ({
            run: workflowId,
            status: await askStatus(client, workflowId),
          })),
        );
        const gates = asked.flatMap(({ run, status }) =>
          status ? openGates(status).map((gate) => ({ run, gate })) : [],
        );
        const silent = asked.filter((each) => each.status === null);
        show(
          out,
          options.json,
          gates.map(({ run, gate }) => ({ run, ...gate })),
          () =>
            gates.length === 0
              ? silent.length > 0
                ? 'no gate can be shown'
                : 'no gate is open'
              : gates.map(({ run, gate }) => renderGate(run, gate, Date.now())).join('\n\n'),
        );
        if (silent.length > 0) {
          out.complain(
            `${silent.length} waiting runs gave no answer (${silent.map((each) => each.run).join(', ')}); is a worker running? npx tidemark worker`,
          );
          out.exitCode = 1;
        }
      });
    });
}
