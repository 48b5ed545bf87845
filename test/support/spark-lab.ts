import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { CHECKOUT, sparkPaths } from '../../scripts/setup/paths.mjs';
import type { SparkPlan, SparkResult } from '../../src/core/spark-plan.ts';

/** One Spark session that runs plans one after the other through the driver, over files of a folder. */
export interface SparkLab {
  /** Runs a plan; throws with the driver's message when it fails. */
  run(plan: SparkPlan): Promise<SparkResult>;
  stop(): Promise<void>;
}

const SERVE_PLANS = `
import json, sys
sys.path.insert(0, sys.argv[1])
import driver
spark = driver.start_spark()
for line in sys.stdin:
    print(json.dumps(driver.run(spark, driver.Storage(spark), line.strip())[0]), flush=True)
`;

export async function startSparkLab(dir: string): Promise<SparkLab> {
  const paths = sparkPaths();
  await mkdir(dir, { recursive: true });
  const script = join(dir, 'serve-plans.py');
  await writeFile(script, SERVE_PLANS);
  const java = [
    '-XX:TieredStopAtLevel=1',
    ...(paths.cdsArchive ? [`-XX:SharedArchiveFile=${paths.cdsArchive}`] : []),
  ];
  const submit = [
    ...['--master', 'local[2]', '--driver-memory', '1g', '--driver-class-path', `${paths.jarsDir}/*`],
    ...['--driver-java-options', java.join(' ')],
    ...['--conf', 'spark.ui.enabled=false', '--conf', 'spark.driver.host=127.0.0.1'],
    ...['--conf', `spark.sql.warehouse.dir=${dir}/warehouse`],
  ];
  const child = spawn(paths.python, [script, join(CHECKOUT, 'spark')], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PYTHONPATH: dirname(paths.sparkHome),
      PYTHONDONTWRITEBYTECODE: '1',
      PYSPARK_PYTHON: paths.python,
      PYSPARK_SUBMIT_ARGS: `${submit.map((each) => `'${each}'`).join(' ')} pyspark-shell`,
      SPARK_LOCAL_DIRS: dir,
      SPARK_LOCAL_IP: '127.0.0.1',
    },
  });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints = `${complaints}${chunk}`.slice(-4_000);
  });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let count = 0;
  return {
    run: async (plan) => {
      const file = join(dir, `plan-${++count}.json`);
      // A handful of rows: more tasks would only be overhead.
      const conf = { ...plan.conf, 'spark.sql.shuffle.partitions': '1' };
      await writeFile(file, JSON.stringify({ ...plan, conf }));
      child.stdin.write(`file://${file}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`Spark ended: ${complaints}`);
      const result = JSON.parse(value) as SparkResult;
      if (!result.ok) throw new Error(`${plan.step}: ${result.error?.message}`);
      return result;
    },
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
