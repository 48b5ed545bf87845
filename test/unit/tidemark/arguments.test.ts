import { describe, expect, test } from 'vitest';
import { main } from '../../../scripts/tidemark/main.ts';
import type { Output } from '../../../scripts/tidemark/output.ts';

async function type(...args: string[]) {
  const printed: string[] = [];
  const complained: string[] = [];
  const out: Output = {
    print: (text) => printed.push(text),
    complain: (text) => complained.push(text),
    env: {},
    exitCode: 0,
  };
  const exitCode = await main(args, out);
  return { exitCode, printed: printed.join('\n'), complained: complained.join('\n') };
}

describe('wrong usage gives one helpful line and exit code 2', () => {
  test.each([
    [['statsu'], 'Did you mean status?'],
    [['status', '--jsno'], 'Did you mean --json?'],
    [['status', 'ecommerce'], 'PIPELINE/KIND-TIME'],
    [['status', '--limit', 'many'], 'not a whole number'],
    [['run'], "missing required argument 'pipeline'"],
    [['run', 'ecommerce', '--kind', 'fulll'], 'Allowed choices are live, full'],
    [['run', 'ecommerce', '--at', '2026-01-31'], 'is not an instant'],
    [['approve', 'ecommerce/live-2026-01-31T02:00:00Z'], "'--reason <text>' not specified"],
    [['approve', 'a/b', 'c', '--reason', 'x'], 'too many arguments'],
    [['schedule', 'create', 'ecommerce'], 'give just one of --cron'],
    [['schedule', 'create', 'ecommerce', '--cron', '0 2 * *'], 'has not five fields'],
    [['schedule', 'create', 'ecommerce', '--every', '1x'], 'is not an interval'],
    [
      ['schedule', 'create', 'ecommerce', '--cron', '0 2 * * *', '--time-zone', 'Mars/Base'],
      'is not known; use an IANA name',
    ],
    [['backfill', 'start', 'ecommerce', '--from', '2023-02-01', '--to', '2023-01-01'], 'is not before'],
    [['backfill', 'start', 'e', '--from', '2023-02-30', '--to', '2023-03-01'], 'is not a date'],
    [['backfill', 'start', 'e', '--from', '2023-01-01', '--to', '2023-03-01', '--chunk', '1M'], 'use P1D'],
    [['backfill', 'status', 'ecommerce'], 'PIPELINE/FROM..TO'],
  ])('%j', async (args, line) => {
    const { exitCode, complained, printed } = await type(...args);
    expect(complained).toContain(line);
    expect(complained.split('\n')).toHaveLength(1);
    expect(printed).toBe('');
    expect(exitCode).toBe(2);
  });
});

test('every command shows examples and exit codes with --help', async () => {
  const commands = [
    ['worker'],
    ...['run', 'status', 'gates', 'approve', 'skip', 'retry', 'abort', 'query', 'validate', 'doctor'].map(
      (name) => [name],
    ),
    ['check'],
    ['suite', 'suggest'],
    ...['create', 'delete', 'list'].map((name) => ['schedule', name]),
    ...['start', 'status'].map((name) => ['backfill', name]),
  ];
  for (const command of commands) {
    const { exitCode, printed } = await type(...command, '--help');
    expect(printed, command.join(' ')).toMatch(/Examples?:\n {2}npx tidemark /);
    expect(printed, command.join(' ')).toContain('Exit: 0');
    expect(exitCode).toBe(0);
  }
});

test('a missing setting is named and ends with 1', async () => {
  const { exitCode, complained } = await type('gates');
  expect(complained).toContain('TEMPORAL_ADDRESS is not set');
  expect(exitCode).toBe(1);
});
