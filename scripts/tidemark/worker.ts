import type { Command } from 'commander';
import { readStartUp } from '../../src/start-up.ts';
import type { Output } from './output.ts';

export function addWorker(program: Command, out: Output): void {
  program
    .command('worker')
    .summary('run a worker in the foreground until SIGINT or SIGTERM')
    .option(
      '--pipeline <names...>',
      'serve these only, on their own task queues; default all of TIDEMARK_PIPELINES',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  npx tidemark worker\n  npx tidemark worker --pipeline ecommerce\n\nIts settings are environment variables: docs/operations.md. Work under way is taken up by another worker.\n\nExit: 0 stopped by a signal, 1 failed or could not start, 2 wrong usage',
    )
    .action(async ({ pipeline }: { pipeline?: readonly string[] }) => {
      const { config, pipelines } = await readStartUp(out.env, pipeline);
      const { runWorker, taskQueuesOf } = await import('../../src/worker.ts');
      await runWorker(config, pipelines, {
        onReady: () =>
          out.print(
            `worker ready: Temporal ${config.temporal.address}, namespace ${config.temporal.namespace}, task queue ${taskQueuesOf(config, pipelines).join(', ')}`,
          ),
      });
    });
}
