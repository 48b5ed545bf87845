import { type Command, Option } from 'commander';
import { taskQueueOf } from '../../src/config.ts';
import type { IngestInput } from '../../src/core/run.ts';
import type { ingest } from '../../workflows/index.ts';
import { CommandError, EXIT, type Output, show } from './output.ts';
import { ingestWorkflowId, parseAt } from './run-id.ts';
import { requirePipeline, withTemporal } from './session.ts';
import { followRun } from './watch.ts';

interface RunOptions {
  readonly kind: 'live' | 'full';
  readonly at?: string;
  readonly wait?: boolean;
  readonly json?: boolean;
}

export function addRun(program: Command, out: Output): void {
  program
    .command('run')
    .summary('start one run of a pipeline')
    .argument('<pipeline>', 'name of the pipeline')
    .addOption(
      new Option('--kind <kind>', 'live: changes since the watermark; full: everything again')
        .choices(['live', 'full'])
        .default('live'),
    )
    .option('--at <instant>', 'end of the data interval, ISO-8601; default now')
    .option('--wait', 'follow it until it ends or waits at a gate')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  npx tidemark run ecommerce --wait\n  npx tidemark run ecommerce --kind full\n  npx tidemark run ecommerce --at 2026-01-31T02:00:00Z --wait --json\n\nExit: 0 started, or with --wait published or skipped; 1 failed or aborted; 2 wrong usage; 3 waits at a gate',
    )
    .action(async (pipeline: string, options: RunOptions) => {
      const at = parseAt(options.at, Date.now());
      if (Date.parse(at) > Date.now())
        throw new CommandError(`--at ${at} is in the future; a run reads what is there now`, EXIT.usage);
      await withTemporal(out, async (client, config) => {
        const found = await requirePipeline(config, pipeline);
        const input: IngestInput = { pipeline, kind: options.kind, at };
        const workflowId = ingestWorkflowId(pipeline, options.kind, at);
        await client.workflow.start<typeof ingest>('ingest', {
          workflowId,
          taskQueue: taskQueueOf(config, found),
          args: [input],
        });
        const ui = config.temporalUiUrl
          ? `${config.temporalUiUrl}/namespaces/${config.temporal.namespace}/workflows/${encodeURIComponent(workflowId)}`
          : null;
        if (options.wait) {
          if (!options.json) out.print(`started ${workflowId}${ui ? `\n${ui}` : ''}`);
          return await followRun(out, client, workflowId, options.json);
        }
        show(out, options.json, { run: workflowId, at, ui }, () =>
          [`started ${workflowId}`, ...(ui ? [ui] : []), `watch it: npx tidemark status ${workflowId}`].join(
            '\n',
          ),
        );
      });
    });
}
