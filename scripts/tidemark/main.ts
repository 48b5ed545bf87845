import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addBackfill } from './backfill.ts';
import { addCheck } from './check.ts';
import { addDecisions } from './decide.ts';
import { describeError } from './describe-error.ts';
import { addDoctor } from './doctor.ts';
import { addGateShow } from './gate-show.ts';
import { addGates } from './gates.ts';
import { addHistory } from './history.ts';
import { EXIT, type ExitCode, type Output } from './output.ts';
import { addQuery } from './query.ts';
import { addReconcile } from './reconcile.ts';
import { addRun } from './run.ts';
import { addSchedule } from './schedule.ts';
import { addStatus } from './status.ts';
import { addSuite } from './suite.ts';
import { addValidate } from './validate.ts';
import { addWaivers } from './waivers.ts';
import { addWorker } from './worker.ts';

/** Parses the arguments and runs the subcommand; resolves to the exit code and never throws. */
export async function main(args: readonly string[], out: Output = processOutput()): Promise<ExitCode> {
  try {
    await buildProgram(out, args).parseAsync([...args], { from: 'user' });
    return out.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const { message, exitCode } = describeError(error, out.env.TEMPORAL_ADDRESS, out.env.TEMPORAL_NAMESPACE);
    out.complain(wordError(args, message, exitCode));
    return exitCode;
  }
}

/** An error for a person, or with `--json` one document for a script; either goes to stderr. */
function wordError(args: readonly string[], message: string, exitCode: ExitCode): string {
  return args.includes('--json') ? JSON.stringify({ error: { message, exitCode } }) : `tidemark: ${message}`;
}

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function buildProgram(out: Output, args: readonly string[]): Command {
  const program = new Command('tidemark')
    .description('Operates the ingestion of sales data: workers, runs, gates, schedules, backfills.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => out.print(text.trimEnd()),
      writeErr: (text) => out.complain(text.trimEnd()),
      outputError: (text, write) =>
        write(
          wordError(
            args,
            text
              .replace(/^error: /, '')
              .trim()
              .replaceAll('\n', ' '),
            EXIT.usage,
          ),
        ),
    })
    .version(readVersion(), '--version', 'version of tidemark')
    .addHelpText(
      'after',
      '\nExamples:\n  npx tidemark doctor\n  npx tidemark run ecommerce --wait\n  npx tidemark gates\n  npx tidemark approve RUN --gate raw-1 --reason "known promotion"\n\nEvery command but worker takes --json; errors are then JSON too, on stderr: {"error": {"message", "exitCode"}}. Settings are environment variables: docs/operations.md.\n\nExit: 0 ok, 1 failed or refused, 2 wrong usage, 3 waits at a gate (run and backfill start with --wait)',
    );
  addWorker(program, out);
  addRun(program, out);
  addReconcile(program, out);
  addStatus(program, out);
  addGates(program, out);
  addGateShow(program, out);
  addDecisions(program, out);
  addWaivers(program, out);
  addHistory(program, out);
  addQuery(program, out);
  addValidate(program, out);
  addCheck(program, out);
  addSuite(program, out);
  addSchedule(program, out);
  addBackfill(program, out);
  addDoctor(program, out);
  return program;
}

function processOutput(): Output {
  return {
    print: (text) => process.stdout.write(`${text}\n`),
    complain: (text) => process.stderr.write(`${text}\n`),
    env: process.env,
    exitCode: EXIT.ok,
  };
}
