import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { readConfig } from '../../src/config.ts';
import type { BackfillInput } from '../../src/core/backfill.ts';
import { connectTemporal } from '../../src/temporal-client.ts';
import type { backfill, ingest } from '../../workflows/index.ts';
import { startWorkerProcess } from '../demo/worker-process.ts';
import { startStack } from '../local/stack.ts';
import { createShop } from '../seed/index.ts';
import { TIDEMARK_DIR } from '../setup/paths.mjs';
import { readStageTimes } from './stage-times.ts';

// `npm run bench -- backfill`: a year of orders read again as one window, as months and as days, beside a full
// load of the same rows: wall, starts of Spark, events of history.
const { values } = parseArgs({
  options: {
    orders: { type: 'string', default: '100000' },
    batch: { type: 'string', default: '31' },
    ways: { type: 'string', default: 'P1Y,P1M,P1D' },
  },
});
const FROM = '2023-01-01';
const TO = '2024-01-01';
const dir = join(TIDEMARK_DIR, 'run', `bench-${process.pid}`);

const stack = await startStack({ dir });
Object.assign(process.env, stack.env);
const worker = await startWorkerProcess({ ...stack.env, ...stack.mark }, join(dir, 'worker.log'));
const client = await connectTemporal(readConfig());
try {
  const shop = await createShop(stack.env.TIDEMARK_LOCAL_SHOP_ADMIN_URL!, {
    orders: Number(values.orders),
    from: FROM,
    days: 365,
  });
  console.log(`${shop.rows.orders} orders of ${FROM}..${TO}, ${shop.rows.customers} customers`);
  console.log(
    `${'way'.padEnd(12)}${'chunks'.padStart(8)}${'wall s'.padStart(9)}${'x full'.padStart(8)}${'Spark starts'.padStart(14)}${'events'.padStart(9)}`,
  );
  // The first run also warms up what the others find warm.
  await fullLoad(client, 'warm-up');
  const { wall: base } = await fullLoad(client, 'full');
  for (const chunk of values.ways.split(',')) await readAgain(client, chunk, base);
} finally {
  await client.connection.close();
  await worker.stop();
  await stack.stop();
  rmSync(dir, { recursive: true, force: true });
}
process.exit(0);

async function fullLoad(temporal: Client, way: string): Promise<{ wall: number }> {
  const began = Date.now();
  const workflowId = `ingest/ecommerce/full-${way}`;
  const handle = await temporal.workflow.start<typeof ingest>('ingest', {
    taskQueue: 'tidemark',
    workflowId,
    args: [{ pipeline: 'ecommerce', kind: 'full' }],
  });
  await handle.result();
  const wall = (Date.now() - began) / 1000;
  print(way, 1, wall, null, await countWork([handle]));
  return { wall };
}

async function readAgain(temporal: Client, chunk: string, base: number): Promise<void> {
  const began = Date.now();
  const options = { chunk, mode: 'all', parallel: 2, batch: Number(values.batch) } as const;
  const input: BackfillInput = { pipeline: 'ecommerce', from: FROM, to: TO, ...options };
  const handle = await temporal.workflow.start<typeof backfill>('backfill', {
    taskQueue: 'tidemark',
    workflowId: `backfill/ecommerce/${FROM}..${TO}`,
    args: [input],
  });
  const { published } = await handle.result();
  const wall = (Date.now() - began) / 1000;
  const since = new Date(began).toISOString();
  const runs: WorkflowHandle[] = [];
  for await (const run of temporal.workflow.list({ query: `StartTime >= '${since}'` }))
    runs.push(temporal.workflow.getHandle(run.workflowId, run.runId));
  print(chunk, published, wall, base, await countWork(runs));
}

/** Spark steps and history events of runs of workflows. */
async function countWork(runs: readonly WorkflowHandle[]): Promise<{ steps: number; events: number }> {
  let [steps, events] = [0, 0];
  for (const handle of runs) {
    const { stages } = await readStageTimes(handle);
    steps += stages.filter(({ activity }) => ['cleanEntities', 'modelTables'].includes(activity)).length;
    events += (await handle.describe()).historyLength;
  }
  return { steps, events };
}

function print(
  way: string,
  chunks: number,
  wall: number,
  base: number | null,
  { steps, events }: { steps: number; events: number },
): void {
  const ratio = base === null ? '-' : (wall / base).toFixed(2);
  console.log(
    `${way.padEnd(12)}${String(chunks).padStart(8)}${wall.toFixed(1).padStart(9)}${ratio.padStart(8)}${String(steps).padStart(14)}${String(events).padStart(9)}`,
  );
}
