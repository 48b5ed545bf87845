import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import {
  AddJobFlowStepsCommand,
  DescribeStepCommand,
  EMRClient,
  RunJobFlowCommand,
  TerminateJobFlowsCommand,
} from '@aws-sdk/client-emr';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, vi } from 'vitest';
import type { SparkPlan, SparkResult } from '../../src/core/spark-plan.ts';
import type { ObjectStore } from '../../src/ports/object-store.ts';

// Each plan goes through the driver's own entry below main().
const SCRIPT = `import sys, driver
spark = driver.start_spark()
storage = driver.Storage(spark)
for uri in sys.argv[1:]:
    result, place = driver.run(spark, storage, uri)
    storage.write_text(place, driver.json.dumps(result))
`;

/** Runs plans one after the other as one EMR step, which spares the start of Spark, and gives their results. */
export async function runPlans(
  root: string,
  store: ObjectStore,
  plans: readonly SparkPlan[],
): Promise<SparkResult[]> {
  const emr = new EMRClient({});
  const uris = plans.map((_, nth) => `${root}/plan-${nth}.json`);
  await store.create(`${root}/run-plans.py`, SCRIPT);
  await store.create(
    `${root}/driver.py`,
    readFileSync(new URL('../../spark/driver.py', import.meta.url), 'utf8'),
  );
  for (const [nth, uri] of uris.entries()) await store.create(uri, JSON.stringify(plans[nth]));
  const { JobFlowId } = await emr.send(
    new RunJobFlowCommand({
      Name: 'plans of a test',
      LogUri: `${root}/logs/`,
      Instances: { KeepJobFlowAliveWhenNoSteps: true },
    }),
  );
  const { StepIds } = await emr.send(
    new AddJobFlowStepsCommand({
      JobFlowId,
      Steps: [
        {
          Name: 'plans of a test',
          ActionOnFailure: 'CONTINUE',
          HadoopJarStep: {
            Jar: 'command-runner.jar',
            Args: ['spark-submit', '--py-files', `${root}/driver.py`, `${root}/run-plans.py`, ...uris],
          },
        },
      ],
    }),
  );
  const StepId = StepIds![0]!;
  const state = await vi.waitFor(
    async () => {
      const { Step } = await emr.send(new DescribeStepCommand({ ClusterId: JobFlowId, StepId }));
      expect(Step!.Status!.State).toMatch(/COMPLETED|FAILED|CANCELLED|INTERRUPTED/);
      return Step!.Status!.State;
    },
    { timeout: 240_000, interval: 200 },
  );
  if (state !== 'COMPLETED') throw new Error(await readLog(`${root}/logs/${JobFlowId}/steps/${StepId}`));
  await emr.send(new TerminateJobFlowsCommand({ JobFlowIds: [JobFlowId!] }));
  emr.destroy();
  const results = await Promise.all(plans.map((plan) => store.read(plan.resultUri)));
  return results.map((result) => JSON.parse(result!.text) as SparkResult);
}

async function readLog(prefix: string): Promise<string> {
  const s3 = new S3Client({ forcePathStyle: true });
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.*)$/.exec(`${prefix}/stderr.gz`)!;
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  const text = String(gunzipSync(await Body!.transformToByteArray()));
  s3.destroy();
  return text.slice(-3_000);
}
