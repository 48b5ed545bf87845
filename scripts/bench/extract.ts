import { mkdirSync, rmSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startStack } from '../local/stack.ts';
import { CHECKOUT, TIDEMARK_DIR } from '../setup/paths.mjs';
import { installPeers } from './extract-peers.ts';
import { type BenchTable, createTables, linesTable, ordersTable } from './extract-tables.ts';
import { measureProcess } from './measure-process.ts';
import { readUsage } from './sample-processes.ts';

// `npm run bench -- extract`: a whole table from PostgreSQL to S3, side by side with a bare COPY and with what a user
// would pick instead. Each is a process of its own, timed from its start to its end; medians of rounds in which all
// take turns.
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    /** Share of 1.5 M orders and 6 M lines. */
    scale: { type: 'string', default: '1' },
    /** Also sling, dlt and psycopg2, installed from PyPI, on the orders. */
    peers: { type: 'boolean', default: false },
    'peers-on-lines': { type: 'boolean', default: false },
    /** Also the lines at a quarter and at four times the size. */
    growth: { type: 'boolean', default: false },
  },
});

interface Contestant {
  readonly name: string;
  command(table: string, prefix: string): readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly storesNothing?: true;
}

interface Take {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  readonly backendCpuSeconds: number;
  readonly storeCpuSeconds: number;
}

const BUCKET = 'tidemark-raw';
const dir = join(TIDEMARK_DIR, 'run', `bench-extract-${process.pid}`);
const scale = Number(options.scale);
const stack = await startStack({ dir, services: ['postgres', 'seaweedfs'] });
const pidOf = (name: string) => stack.services().find((each) => each.name === name)!.pid;
mkdirSync(join(dir, 'usage'), { recursive: true });
let takes = 0;
try {
  const orders = ordersTable(1_500_000 * scale);
  const lines = linesTable(6_000_000 * scale);
  await createTables(stack.env.TIDEMARK_LOCAL_SHOP_ADMIN_URL!, [orders, lines], 'tidemark_reader');
  const peers = options.peers ? await installPeers(stack.env) : [];
  const rivals: Contestant[] = peers.map(({ name, env, command }) => ({
    name,
    env,
    command: (table, prefix) => command(table, BUCKET, prefix),
  }));
  const csvBytes = await warmUp([orders, lines]);
  for (const table of [orders, lines]) {
    const field = [
      floor(),
      ours(1),
      ours(2),
      ...(table === orders || options['peers-on-lines'] ? rivals : []),
    ];
    printTable(table, csvBytes.get(table.name)!, field, await race(field, table));
  }
  if (options.growth) await measureGrowth();
  for (const { name, about } of peers) console.log(`${name}: ${about}`);
} finally {
  await stack.stop();
  rmSync(dir, { recursive: true, force: true });
}
process.exit(0);

function floor(): Contestant {
  return {
    name: 'bare COPY to nowhere',
    storesNothing: true,
    command: (table) => [process.execPath, join(CHECKOUT, 'scripts/bench/extract-floor.mjs'), table],
  };
}

function ours(parallel: number): Contestant {
  const script = join(CHECKOUT, 'scripts/bench/extract-ours.ts');
  return {
    name: `tidemark, csv.gz, ${parallel} connection${parallel > 1 ? 's' : ''}`,
    command: (table, prefix) => [
      ...[process.execPath, '--import', 'tsx', script],
      ...[table, String(parallel), `s3://${BUCKET}/${prefix}`],
    ],
  };
}

/** Reads each table once, so that whoever is first does not pay for cold caches; gives the sizes of their CSV. */
async function warmUp(tables: readonly BenchTable[]): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for (const { name, rowCount } of tables) {
    const { output } = await measureProcess(ours(2).command(name, 'warm-up'), stack.env, join(dir, 'usage'));
    const result = JSON.parse(output) as { rowCount: number; csvBytes: number; storedBytes: number };
    if (result.rowCount !== rowCount) throw new Error(`${name}: ${result.rowCount} of ${rowCount} rows`);
    sizes.set(name, result.csvBytes);
    console.log(
      `${name}: ${rowCount} rows, ${mb(result.csvBytes)} MB as CSV, ${mb(result.storedBytes)} MB stored by tidemark`,
    );
  }
  return sizes;
}

async function race(field: readonly Contestant[], table: BenchTable): Promise<Map<Contestant, Take[]>> {
  const results = new Map<Contestant, Take[]>(field.map((each) => [each, []]));
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const contestant of field) {
      const result = await take(contestant, table.name);
      results.get(contestant)!.push(result);
      const load = loadavg()[0]!.toFixed(1);
      console.log(`${round + 1} ${contestant.name}: ${result.wallSeconds.toFixed(2)} s, load ${load}`);
    }
  }
  return results;
}

async function take(contestant: Contestant, table: string): Promise<Take> {
  const before = { backend: cpuOf('postgres'), store: cpuOf('seaweedfs') };
  const usage = await measureProcess(
    contestant.command(table, `bench-${++takes}`),
    { ...stack.env, ...contestant.env },
    join(dir, 'usage'),
  );
  return {
    ...usage,
    backendCpuSeconds: cpuOf('postgres') - before.backend,
    storeCpuSeconds: cpuOf('seaweedfs') - before.store,
  };
}

/** With the children that have ended: PostgreSQL gives each connection a process of its own. */
function cpuOf(service: string): number {
  return readUsage(pidOf(service))?.cpuSecondsWithChildren ?? 0;
}

function printTable(
  table: BenchTable,
  csvBytes: number,
  field: readonly Contestant[],
  results: ReadonlyMap<Contestant, readonly Take[]>,
): void {
  const medians = new Map(field.map((each) => [each, medianOf(results.get(each)!)]));
  const base = medians.get(field[0]!)!.wallSeconds;
  const best = medians.get(field[2]!)!.wallSeconds;
  console.log(
    `\n${table.name}, ${table.rowCount} rows, ${mb(csvBytes)} MB of CSV, medians of ${options.rounds}`,
  );
  console.log(
    '| | wall s | of COPY | of tidemark, 2 | rows/s | CSV MB/s | CPU s | peak MB | backend CPU s | store CPU s |',
  );
  console.log('|---|---|---|---|---|---|---|---|---|---|');
  for (const [{ name, storesNothing }, each] of medians) {
    const cells = [
      each.wallSeconds.toFixed(2),
      (each.wallSeconds / base).toFixed(2),
      (each.wallSeconds / best).toFixed(2),
      Math.round(table.rowCount / each.wallSeconds).toLocaleString('en'),
      mb(csvBytes / each.wallSeconds),
      each.cpuSeconds.toFixed(1),
      mb(each.peakBytes),
      each.backendCpuSeconds.toFixed(1),
      storesNothing ? '' : each.storeCpuSeconds.toFixed(1),
    ];
    console.log(`| ${name} | ${cells.join(' | ')} |`);
  }
}

/** How time and memory go with the size of the table. */
async function measureGrowth(): Promise<void> {
  console.log('\nlines by size, 2 connections, one run each');
  console.log('| rows | wall s | rows/s | CPU s | peak MB |');
  console.log('|---|---|---|---|---|');
  for (const factor of [0.25, 1, 4]) {
    const table = linesTable(
      6_000_000 * scale * factor,
      factor === 1 ? 'bench_lines' : 'bench_lines_resized',
    );
    if (factor !== 1) {
      await createTables(stack.env.TIDEMARK_LOCAL_SHOP_ADMIN_URL!, [table], 'tidemark_reader');
      await take(floor(), table.name);
    }
    const { wallSeconds, cpuSeconds, peakBytes } = await take(ours(2), table.name);
    const rows = table.rowCount.toLocaleString('en');
    const rate = Math.round(table.rowCount / wallSeconds).toLocaleString('en');
    console.log(
      `| ${rows} | ${wallSeconds.toFixed(2)} | ${rate} | ${cpuSeconds.toFixed(1)} | ${mb(peakBytes)} |`,
    );
  }
}

function medianOf(all: readonly Take[]): Take {
  const middle = (pick: (each: Take) => number) => all.map(pick).sort((a, b) => a - b)[all.length >> 1]!;
  return {
    wallSeconds: middle((each) => each.wallSeconds),
    cpuSeconds: middle((each) => each.cpuSeconds),
    peakBytes: middle((each) => each.peakBytes),
    backendCpuSeconds: middle((each) => each.backendCpuSeconds),
    storeCpuSeconds: middle((each) => each.storeCpuSeconds),
  };
}

function mb(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 10e6 ? 1 : 0);
}
