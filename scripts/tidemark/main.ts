import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { ROOT } from '../../src/root.ts';
import { addCommands } from './commands.ts';
import { EXIT, type ExitCode, type Output } from './output.ts';

/** Parses the arguments and runs the subcommand; resolves to the exit code and never throws. */
export async function main(args: readonly string[], out: Output = processOutput()): Promise<ExitCode> {
  try {
    const program = await buildProgram(out, args);
    await program.parseAsync([...args], { from: 'user' });
    return out.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const { describeError } = await import('./describe-error.ts');
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
  const text = readFileSync(new URL('package.json', ROOT), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

async function buildProgram(out: Output, args: readonly string[]): Promise<Command> {
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
  await addCommands(program, out, args[0]);
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
