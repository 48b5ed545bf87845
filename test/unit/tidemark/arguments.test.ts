import { describe, expect, test } from 'vitest';
import { main } from '../../../scripts/tidemark/main.ts';
import type { Output } from '../../../scripts/tidemark/output.ts';
import { parseUntil } from '../../../scripts/tidemark/parse-until.ts';

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
    [['status', '--limit', '0'], 'use 1 or more'],
    [['approve', 'a/b', '--reason', 'x', '--until', 'soon'], 'neither a date'],
    [['approve', 'a/b', '--reason', 'x', '--max-unexpected', '5'], 'add --until'],
    [['skip', 'a/b', '--reason', 'x', '--until', 'P1D'], 'unknown option'],
    [['waivers', 'revoke', 'ecommerce', 'w', '--reason', ' '], 'a reason is missing'],
    [['run'], "missing required argument 'pipeline'"],
    [['run', 'ecommerce', '--kind', 'fulll'], 'Allowed choices are live, full'],
    [['run', 'ecommerce', '--at', '2026-01-31'], 'is not an instant'],
    [['run', 'ecommerce', '--at', '9999-01-31T00:00:00Z'], 'is in the future'],
    [['approve', 'ecommerce/live-2026-01-31T02:00:00Z'], "'--reason <text>' not specified"],
    [['approve', 'a/b', 'c', '--reason', 'x'], 'too many arguments'],
    [['schedule', 'create', 'ecommerce'], 'give just one of --cron'],
    [['schedule', 'create', 'ecommerce', '--cron', '0 2 * *'], 'has not five fields'],
    [['schedule', 'create', 'ecommerce', '--cron', '61 2 * * *'], 'minute "61" is not 0 to 59'],
    [['schedule', 'create', 'ecommerce', '--cron', '0 2 31 2 *'], 'names a day that no year has'],
    [['schedule', 'create', 'ecommerce', '--every', '1x'], 'is not an interval'],
    [['schedule', 'create', 'ecommerce', '--every', '1h', '--jitter', 'some'], '--jitter "some" is not'],
    [['schedule', 'create', 'ecommerce', '--every', '1h', '--catchup', '1s'], 'use 10s or more'],
    [['schedule', 'pause', 'ecommerce'], "'--note <text>' not specified"],
    [['status', '--since', '2026-01-01'], '--since goes with --gaps only'],
    [
      ['schedule', 'create', 'ecommerce', '--cron', '0 2 * * *', '--time-zone', 'Mars/Base'],
      'is not known; use an IANA name',
    ],
    [['backfill', 'start', 'ecommerce', '--from', '2023-02-01', '--to', '2023-01-01'], 'is not before'],
    [['backfill', 'start', 'e', '--from', '2023-02-30', '--to', '2023-03-01'], 'is not a date'],
    [['backfill', 'start', 'e', '--from', '2023-01-01', '--to', '2023-03-01', '--chunk', '1M'], 'use P1D'],
    [['backfill', 'status', 'ecommerce'], 'PIPELINE/FROM..TO'],
    [['backfill', 'plan', 'ecommerce'], 'give --from and --to, or --initial'],
    [['backfill', 'start', 'e', '--initial', '--from', '2023-01-01'], 'leave out --from'],
    [['backfill', 'plan', 'e', '--initial', '--rows', '0'], '--rows 0 is too small'],
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
    ...['create', 'list', 'describe', 'pause', 'resume', 'trigger', 'delete'].map((name) => [
      'schedule',
      name,
    ]),
    ...['start', 'status'].map((name) => ['backfill', name]),
    ['history'],
    ['gate', 'show'],
    ...['list', 'revoke'].map((name) => ['waivers', name]),
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

test('errors are JSON where JSON is asked for', async () => {
  const { exitCode, complained, printed } = await type('status', '--limit', '0', '--json');
  expect(JSON.parse(complained)).toEqual({
    error: { message: '--limit 0 is too small; use 1 or more', exitCode: 2 },
  });
  expect([exitCode, printed]).toEqual([2, '']);
  const unknown = await type('statsu', '--json');
  expect(JSON.parse(unknown.complained)).toMatchObject({ error: { exitCode: 2 } });
});

test('--version prints a version', async () => {
  expect(await type('--version')).toMatchObject({
    exitCode: 0,
    printed: expect.stringMatching(/^\d+\.\d+\.\d+/),
  });
});

test.each([
  ['2026-03-31', '2026-04-01T00:00:00Z'],
  ['2026-03-31T12:00:00+02:00', '2026-03-31T10:00:00Z'],
  ['P14D', '2026-03-15T00:00:00Z'],
  ['PT12H', '2026-03-01T12:00:00Z'],
  ['2w', '2026-03-15T00:00:00Z'],
])('a waiver until %s ends at %s', (text, end) => {
  expect(parseUntil(text, Date.parse('2026-03-01T00:00:00Z'))).toBe(end);
});
