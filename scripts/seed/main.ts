import { Command } from 'commander';
import { applyDay, breakDay, createShop, repairBreak } from './index.ts';

interface Flags {
  url: string;
  orders?: string;
  seed?: string;
  from?: string;
  days?: string;
  day?: string;
  break?: boolean;
  repair?: boolean;
  json?: boolean;
}

const program = new Command('seed')
  .description('Writes the example shop into a PostgreSQL database, or plays a later day of it.')
  .requiredOption(
    '--url <url>',
    'connection URL of a role that may create tables (postgres://user@host:port/db)',
  )
  .option('--orders <n>', 'orders of the history (default 50000), or new orders of the day with --day')
  .option('--seed <n>', 'seed of all draws (default 42; later days: the seed of the shop)')
  .option('--from <date>', 'first day of the history, YYYY-MM-DD (default 2023-01-01)')
  .option('--days <n>', 'days of the history (default 730)')
  .option('--day <n>', 'play day n: 2 is the first after the history')
  .option('--break', 'play a day on which a faulty checkout writes negative totals')
  .option('--repair', 'put the negative totals right')
  .option('--json', 'print the summary as one line of JSON')
  .addHelpText(
    'after',
    `
Without --day, --break or --repair the tables customers, products and orders are DROPPED and written anew.

Examples:
  node --import tsx scripts/seed/main.ts --url postgres://postgres@127.0.0.1:5432/shop --orders 50000
  node --import tsx scripts/seed/main.ts --url postgres://postgres@127.0.0.1:5432/shop --day 2 --json

Exit codes: 0 done, 1 failed, 2 wrong options.`,
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

program.parse();
await run(program.opts<Flags>());

async function run(flags: Flags): Promise<void> {
  const action = chooseAction(flags);
  try {
    const summary = await action();
    process.stdout.write(`${JSON.stringify(summary, null, flags.json ? 0 : 2)}\n`);
  } catch (error) {
    process.stderr.write(`seed: ${error instanceof Error ? error.message : String(error)}\n`);
    // A RangeError is an option outside its limits; everything else went wrong on the way.
    process.exitCode = error instanceof RangeError ? 2 : 1;
  }
}

function chooseAction(flags: Flags): () => Promise<object> {
  const chosen = [flags.day !== undefined, flags.break, flags.repair].filter(Boolean).length;
  if (chosen > 1) program.error('error: --day, --break and --repair exclude each other');
  if (chosen === 1 && (flags.from ?? flags.days) !== undefined) {
    program.error('error: --from and --days belong to a new shop, not to a later day');
  }
  const seed = toInteger('--seed', flags.seed);
  const orders = toInteger('--orders', flags.orders);
  const days = toInteger('--days', flags.days);
  const day = toInteger('--day', flags.day);
  if (day !== undefined) return () => applyDay(flags.url, { day, seed, orders });
  if (flags.break) return () => breakDay(flags.url, { seed });
  if (flags.repair) return () => repairBreak(flags.url);
  return () => createShop(flags.url, { seed, orders, from: flags.from, days });
}

function toInteger(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) program.error(`error: ${flag} must be a whole number, got '${text}'`);
  return Number(text);
}
