import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { composeDeps } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import type { ExtractManifest } from '../../src/core/manifest.ts';
import type { RunOutcome } from '../../src/core/run.ts';
import { connectTemporal } from '../../src/temporal-client.ts';
import { startWorkerProcess } from '../demo/worker-process.ts';
import { startStack } from '../local/stack.ts';
import { applyDay, createShop } from '../seed/index.ts';
import { TIDEMARK_DIR } from '../setup/paths.mjs';
import { findProcesses, watchProcesses } from './sample-processes.ts';
import { readStageTimes } from './stage-times.ts';

// `npm run bench`: a first load and a day of changes through a whole run, and what each stage took.
const { values } = parseArgs({
  options: { orders: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '42' } },
});
const orders = Number(values.orders);
const dir = join(TIDEMARK_DIR, 'run', `bench-${process.pid}`);
const WORK = [
  'extractSource',
  'checkRaw',
  'cleanEntities',
  'modelTables',
  'checkModels',
  'loadWarehouse',
  'reconcile',
];

const stack = await startStack({ dir });
Object.assign(process.env, stack.env);
const worker = await startWorkerProcess({ ...stack.env, ...stack.mark }, join(dir, 'worker.log'));
try {
  const adminUrl = stack.env.TIDEMARK_LOCAL_SHOP_ADMIN_URL!;
  const began = Date.now();
  const shop = await createShop(adminUrl, { seed: Number(values.seed), orders });
  console.log(`seeded ${shop.rows.orders} orders in ${((Date.now() - began) / 1000).toFixed(1)} s`);
  await measure('first load');
  await applyDay(adminUrl, { day: 2 });
  await measure('one day of changes');
} finally {
  await worker.stop();
  await stack.stop();
  rmSync(dir, { recursive: true, force: true });
}
process.exit(0);

async function measure(title: string): Promise<void> {
  const client = await connectTemporal(readConfig());
  const redshift = stack.services().find((each) => each.name === 'redshift')!.pid;
  const watch = watchProcesses(() => ({
    worker: [worker.pid],
    spark: findProcesses('org.apache.spark.deploy.SparkSubmit'),
    redshift: [redshift],
  }));
  const workflowId = `ingest/ecommerce/live-${new Date().toISOString()}`;
  const handle = await client.workflow.start('ingest', {
    taskQueue: 'tidemark',
    workflowId,
    args: [{ pipeline: 'ecommerce', kind: 'live' }],
  });
  const outcome = (await handle.result()) as RunOutcome;
  watch.stop();
  const { stages, from, to } = await readStageTimes(handle);
  await client.connection.close();
  const { rows, csvBytes, gzBytes } = await readSizes(outcome.runKey);
  console.log(
    `\n${title}: ${rows} rows, ${mb(csvBytes)} CSV, ${mb(gzBytes)} gzipped, ${seconds(to - from)} s in all`,
  );
  console.log(
    `${'stage'.padEnd(18)}${'wall s'.padStart(8)}${'worker cpu'.padStart(12)}${'spark cpu'.padStart(12)}${'redshift cpu'.padStart(14)}`,
  );
  for (const { activity, from: start, to: end } of stages) {
    if (end - start < 20 && !WORK.includes(activity)) continue;
    const cpu = (name: string) => watch.cpuBetween(name, start, end).toFixed(1);
    console.log(
      `${activity.padEnd(18)}${seconds(end - start).padStart(8)}${cpu('worker').padStart(12)}${cpu('spark').padStart(12)}${cpu('redshift').padStart(14)}`,
    );
  }
  const working = stages
    .filter((each) => WORK.includes(each.activity))
    .reduce((sum, each) => sum + each.to - each.from, 0);
  console.log(`neither extract, Spark, SQL nor checks: ${seconds(to - from - working)} s`);
  console.log(
    `peak memory: worker ${mb(watch.peakOf('worker'))}, Spark ${mb(watch.peakOf('spark'))}, Redshift stand-in ${mb(watch.peakOf('redshift'))}`,
  );
}

/** Rows and bytes of the extract, from its manifest. */
async function readSizes(runKey: string): Promise<{ rows: number; csvBytes: number; gzBytes: number }> {
  const config = readConfig();
  const deps = await composeDeps(config, new Map());
  try {
    const uri = `${config.zones.raw}/ecommerce/_extracts/run=${runKey}-x1/shop.manifest.json`;
    const manifest = JSON.parse((await deps.store.read(uri))!.text) as ExtractManifest;
    const entities = Object.values(manifest.entities);
    return {
      rows: entities.reduce((sum, each) => sum + each.rowCount, 0),
      csvBytes: entities.reduce((sum, each) => sum + each.csvBytes, 0),
      gzBytes: entities.flatMap((each) => each.parts).reduce((sum, part) => sum + part.sizeBytes, 0),
    };
  } finally {
    await deps.close();
  }
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
