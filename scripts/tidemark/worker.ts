import type { Command } from 'commander';
import { readStartUp } from '../../src/start-up.ts';
import type { Output } from './output.ts';

export function addWorker(program: Command, out: Output): void {
  program
    .command('worker')
    .summary('run a worker in the foreground until SIGINT or SIGTERM')
    .addHelpText(
      'after',
      '\nExample:\n  npx tidemark worker\n\nIts settings are environment variables: docs/operations.md. Work under way is taken up by another worker.\n\nExit: 0 stopped by a signal, 1 failed or could not start, 2 wrong usage',
    )
    .action(async () => {
      const { config, pipelines } = await readStartUp(out.env);
      const { runWorker } = await import('../../src/worker.ts');
      await runWorker(config, pipelines, {
        onReady: () =>
          out.print(
            `worker ready: Temporal ${config.temporal.address}, namespace ${config.temporal.namespace}, task queue ${config.temporal.taskQueue}`,
          ),
      });
    });
}
