import type { Command } from 'commander';
import type { Output } from './output.ts';

type AddCommand = (program: Command, out: Output) => void;

/** The subcommands in the order of the help, each with the file that adds it. */
const COMMANDS: readonly (readonly [names: readonly string[], load: () => Promise<AddCommand>])[] = [
  [['worker'], async () => (await import('./worker.ts')).addWorker],
  [['run'], async () => (await import('./run.ts')).addRun],
  [['reconcile'], async () => (await import('./reconcile.ts')).addReconcile],
  [['status'], async () => (await import('./status.ts')).addStatus],
  [['gates'], async () => (await import('./gates.ts')).addGates],
  [['gate'], async () => (await import('./gate-show.ts')).addGateShow],
  [['approve', 'skip', 'retry', 'abort'], async () => (await import('./decide.ts')).addDecisions],
  [['waivers'], async () => (await import('./waivers.ts')).addWaivers],
  [['history'], async () => (await import('./history.ts')).addHistory],
  [['query'], async () => (await import('./query.ts')).addQuery],
  [['validate'], async () => (await import('./validate.ts')).addValidate],
  [['check'], async () => (await import('./check.ts')).addCheck],
  [['suite'], async () => (await import('./suite.ts')).addSuite],
  [['schedule'], async () => (await import('./schedule.ts')).addSchedule],
  [['backfill'], async () => (await import('./backfill.ts')).addBackfill],
  [['doctor'], async () => (await import('./doctor.ts')).addDoctor],
];

/**
 * Adds the subcommand that was typed, or all for help and for a word that is none: to read the code of all takes longer than
 * most of them run.
 */
export async function addCommands(program: Command, out: Output, typed: string | undefined): Promise<void> {
  if (typed === '--version') return;
  const named = COMMANDS.filter(([names]) => typed !== undefined && names.includes(typed));
  for (const [, load] of named.length > 0 ? named : COMMANDS) (await load())(program, out);
}
