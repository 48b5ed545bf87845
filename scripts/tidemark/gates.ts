import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import type { OperatorConfig } from '../../src/config.ts';
import type { Gate } from '../../src/core/gate.ts';
import { openGates, renderGate } from './gate-text.ts';
import { askStatus, listRuns } from './list-runs.ts';
import { type Output, show } from './output.ts';
import { requireKnown, withTemporal } from './session.ts';
import { watchList } from './watch.ts';

interface GatesOptions {
  readonly pipeline?: string;
  readonly watch?: boolean;
  readonly json?: boolean;
}

export function addGates(program: Command, out: Output): void {
  program
    .command('gates')
    .summary('open gates of all runs, with the commands that answer them')
    .option('--pipeline <name>', 'gates of this pipeline only')
    .option('--watch', 'print them anew as they open and are decided, until stopped')
    .option('--json', 'as JSON; with --watch one document a line')
    .addHelpText(
      'after',
      '\nExamples:\n  npx tidemark gates\n  npx tidemark gates --watch\n  npx tidemark gates --pipeline ecommerce --json\n\nExit: 0 shown (also when none is open), 1 Temporal gives no answer or a waiting run does not, 2 wrong usage',
    )
    .action(async (options: GatesOptions) => {
      await withTemporal(out, async (client, config) => {
        if (options.watch)
          return await watchList(
            out,
            options.json,
            async () => (await askGates(client, config, options)).gates,
            (gates) => renderGates(gates, 0),
          );
        const { gates, silent } = await askGates(client, config, options);
        show(out, options.json, gates, () => renderGates(gates, silent.length));
        if (silent.length > 0) {
          out.complain(
            `${silent.length} waiting runs gave no answer (${silent.join(', ')}); is a worker running? npx tidemark worker`,
          );
          out.exitCode = 1;
        }
      });
    });
}

type OpenGate = Gate & { readonly run: string };

/** Open gates of waiting runs, and the runs that no worker answers for. */
async function askGates(
  client: Client,
  config: OperatorConfig,
  { pipeline }: GatesOptions,
): Promise<{ gates: OpenGate[]; silent: string[] }> {
  const runs = await listRuns(client, { pipeline, waiting: true, limit: 200 });
  await requireKnown(config, pipeline, runs);
  const asked = await Promise.all(
    runs.map(async ({ workflowId }) => ({ run: workflowId, status: await askStatus(client, workflowId) })),
  );
  return {
    gates: asked.flatMap(({ run, status }) =>
      status ? openGates(status).map((gate) => ({ run, ...gate })) : [],
    ),
    silent: asked.flatMap(({ run, status }) => (status ? [] : [run])),
  };
}

function renderGates(gates: readonly OpenGate[], silentCount: number): string {
  if (gates.length === 0) return silentCount > 0 ? 'no gate can be shown' : 'no gate is open';
  return gates.map((gate) => renderGate(gate.run, gate, Date.now())).join('\n\n');
}
