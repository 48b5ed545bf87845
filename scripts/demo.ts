import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { composeDeps } from '../src/compose.ts';
import { readConfig } from '../src/config.ts';
import type { Alert } from '../src/ports/alerts.ts';
import { connectTemporal } from '../src/temporal-client.ts';
import { askEverywhere } from './demo/answers.ts';
import { startWorkerProcess, type WorkerProcess } from './demo/worker-process.ts';
import { writeEnvFile } from './local/env-file.ts';
import { readState, type Stack, startStack, stopServices } from './local/stack.ts';
import { applyDay, breakDay, createShop } from './seed/index.ts';
import { CHECKOUT, TIDEMARK_DIR } from './setup/paths.mjs';

// `npm run demo`: one day after another in the life of a shop, from PostgreSQL to Redshift tables.
const HELP = `npm run demo [-- --orders N] [--seed N] [--keep]
  --orders N  orders in the shop's history (default 50000)
  --seed N    another shop (default 42)
  --keep      leaves everything running to look at; npm run down stops it`;

const started = Date.now();
const dir = join(TIDEMARK_DIR, 'run', 'demo');
const running: { stack?: Stack; worker?: WorkerProcess } = {};
const stopping = new AbortController();
let shown = 0;

try {
  const options = readOptions();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stopping.signal.aborted) return;
      stopping.abort();
      console.log(`\n${signal}: stopping everything`);
      void stopAll().then(() => process.exit(130));
    });
  }
  await tellStory(options);
  if (options.keep) {
    console.log('\n--keep: everything goes on running; npm run down stops it.');
    process.exit(0);
  }
  await stopAll();
  console.log(`\nAll stopped. The demo took ${seconds(started)} s.`);
  process.exit(0);
} catch (error) {
  if (stopping.signal.aborted) await new Promise(() => undefined);
  console.error(`\nThe demo failed: ${(error as Error).message}`);
  if (running.worker) console.error(`Worker log: ${running.worker.logFile}`);
  await stopAll();
  process.exit(1);
}

function readOptions(): { orders: number; seed: number; keep: boolean } {
  const { values } = parseArgs({
    options: {
      orders: { type: 'string', default: '50000' },
      seed: { type: 'string', default: '42' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    process.exit(0);
  }
  const [orders, seed] = [Number(values.orders), Number(values.seed)];
  if (!Number.isInteger(orders) || orders < 2_000)
    throw new Error(`--orders ${values.orders}: use a whole number from 2000`);
  if (!Number.isInteger(seed)) throw new Error(`--seed ${values.seed}: use a whole number`);
  return { orders, seed, keep: values.keep };
}

async function tellStory({
  orders,
  seed,
  keep,
}: {
  orders: number;
  seed: number;
  keep: boolean;
}): Promise<void> {
  chapter('Start PostgreSQL, Temporal, S3, the stand-ins for EMR, Glue and Redshift, and a worker');
  const before = readState(dir);
  if (before) await stopServices(before.services);
  rmSync(dir, { recursive: true, force: true });
  const stack = await startStack({
    dir,
    onLeash: !keep,
    log: (line) => console.log(`  ${line}`),
  });
  running.stack = stack;
  const env = { ...stack.env };
  const adminUrl = env.TIDEMARK_LOCAL_SHOP_ADMIN_URL!;
  Object.assign(process.env, env);
  writeEnvFile(join(dir, 'env.sh'), env);
  const worker = await startWorkerProcess({ ...env, ...stack.mark }, join(dir, 'worker.log'));
  running.worker = worker;
  console.log(`  worker ${worker.pid}\n  Temporal UI ${env.TIDEMARK_TEMPORAL_UI_URL}`);

  chapter(`Day 1: a shop with two years of history (seed ${seed})`);
  const shop = await createShop(adminUrl, { seed, orders });
  console.log(
    `  ${Object.entries(shop.rows)
      .map(([table, count]) => `${table} ${count}`)
      .join(', ')}`,
  );
  for (const [table, kinds] of Object.entries(shop.dirt)) {
    console.log(
      `  dirt in ${table}: ${Object.entries(kinds)
        .map(([kind, count]) => `${kind} ${count}`)
        .join(', ')}`,
    );
  }
  await tidemark(['run', 'ecommerce', '--wait'], 0);
  await showAlerts(worker, 'run-published');

  chapter('Day 2: new orders, late updates, customers that move; the run reads only that');
  console.log(`  ${JSON.stringify(await applyDay(adminUrl, { day: 2 }))}`);
  await tidemark(['run', 'ecommerce', '--wait'], 0);
  await showAlerts(worker, 'run-published');

  chapter('Day 3: a faulty release of the checkout writes negative prices');
  const fault = await breakDay(adminUrl);
  console.log(`  ${fault.ordersInserted} orders, ${fault.faultyOrders} of them with the fault`);
  await tidemark(['run', 'ecommerce', '--wait'], 3);
  const alerts = await showAlerts(worker, 'gate-opened');
  const command = /npx (tidemark approve \S+ --gate \S+) --reason/.exec(alerts)?.[1];
  if (!command) throw new Error('the alert names no command to approve');
  await tidemark(
    [
      ...command.split(' ').slice(1),
      '--reason',
      'prices are negated by the release of today; quarantine them, the shop repairs them',
      '--by',
      'demo',
    ],
    0,
  );
  const runId = command.split(' ')[2]!;
  const client = await connectTemporal(readConfig());
  await client.workflow.getHandle(runId).result();
  await client.connection.close();
  await tidemark(['status', runId], 0);
  await showAlerts(worker, 'run-published');

  chapter('The questions of the brief, asked of source, Spectrum and native tables');
  const config = readConfig();
  const deps = await composeDeps(config, new Map());
  const answers = await askEverywhere(adminUrl, deps.warehouse, 'ecommerce');
  await deps.close();
  for (const { title, source, spectrum, native, isEqual } of answers) {
    console.log(`\n  ${title}: ${isEqual ? 'equal' : 'DIFFERENT'}`);
    console.log(`    ${'source'.padEnd(30)}${'spectrum'.padEnd(30)}native`);
    for (let nth = 0; nth < Math.max(source.length, spectrum.length, native.length); nth++) {
      console.log(
        `    ${(source[nth] ?? '').padEnd(30)}${(spectrum[nth] ?? '').padEnd(30)}${native[nth] ?? ''}`,
      );
    }
  }
  if (answers.some((each) => !each.isEqual)) throw new Error('the answers differ');

  chapter(keep ? 'Where to look next' : 'Where to look next, with npm run demo -- --keep');
  console.log(`  source ${join(dir, 'env.sh')}
  Temporal UI   ${env.TIDEMARK_TEMPORAL_UI_URL}/namespaces/default/workflows
  S3            ${['RAW', 'CLEAN', 'CURATED', 'QUARANTINE', 'STATE'].map((zone) => env[`TIDEMARK_${zone}_URI`]).join('  ')}
  npx tidemark status
  npx tidemark query "select * from ecommerce.tidemark_ledger order by sequence"
  npx tidemark backfill start ecommerce --from 2023-01-01 --to 2023-04-01 --chunk P1M --mode all --wait`);
}

/** Types a command as a person would, and shows what it prints. */
async function tidemark(args: readonly string[], expected: number): Promise<void> {
  console.log(`\n$ npx tidemark ${args.map((arg) => (/[^\w/.:=-]/.test(arg) ? `"${arg}"` : arg)).join(' ')}`);
  const child = spawn(process.execPath, [join(CHECKOUT, 'scripts', 'tidemark.mjs'), ...args], {
    cwd: CHECKOUT,
    stdio: 'inherit',
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (code !== expected) throw new Error(`tidemark ${args[0]} ended with code ${code}, expected ${expected}`);
}

/** Prints the alerts that the worker has sent since the last look; they travel apart from the run, so it waits for `kind`. */
async function showAlerts(from: WorkerProcess, kind: Alert['kind']): Promise<string> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const text = from.log();
    const fresh = text.slice(shown).match(/^ALERT [\s\S]*?(?=^\S|(?![\s\S]))/gm) ?? [];
    // The line break after its last line has come when the whole alert has.
    if (fresh.some((alert) => alert.split(' ')[2] === kind) && text.endsWith('\n')) {
      shown = text.length;
      for (const alert of fresh) console.log(`\n${alert.trimEnd()}`);
      return fresh.join('\n');
    }
    if (Date.now() > deadline) throw new Error(`no alert ${kind} has come within a minute`);
    await setTimeout(100);
  }
}

function chapter(title: string): void {
  console.log(`\n[${seconds(started)} s] ${title}`);
}

function seconds(since: number): string {
  return ((Date.now() - since) / 1000).toFixed(0);
}

async function stopAll(): Promise<void> {
  await running.worker?.stop();
  await running.stack?.stop();
}
