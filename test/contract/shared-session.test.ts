import { randomUUID } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import {
  AddJobFlowStepsCommand,
  CancelStepsCommand,
  DescribeStepCommand,
  EMRClient,
  RunJobFlowCommand,
  TerminateJobFlowsCommand,
} from '@aws-sdk/client-emr';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createS3ObjectStore } from '../../src/adapters/s3/object-store.ts';
import { readObject } from '../../src/adapters/s3/read-object.ts';
import { contractBucket, isAws } from './contract-target.ts';

const APPLICATION = `import sys
from pyspark.sql import SparkSession
spark = SparkSession.builder.config("spark.sql.shuffle.partitions", "7").getOrCreate()
print("started", spark.sparkContext.applicationId, sys.argv[1:], spark.conf.get("spark.sql.ansi.enabled"),
      [view.viewName for view in spark.sql("show views").collect()], flush=True)
if sys.argv[1] == "waits":
    spark.range(1).write.parquet(sys.argv[2])
    spark.sparkContext.parallelize([0], 1).foreach(lambda _: __import__("time").sleep(600))
spark.conf.set("spark.sql.ansi.enabled", "false")
spark.range(3).createOrReplaceTempView("left_over")
spark.stop()
if sys.argv[1] == "fails":
    raise ValueError("it does not work")
`;

// The stand-in alone shares a Spark application between steps.
describe.skipIf(isAws)('steps that share one Spark application', () => {
  const root = `s3://${contractBucket}/contract/shared-session-${randomUUID().slice(0, 8)}`;
  const emr = new EMRClient({});
  const s3 = new S3Client({});
  const store = createS3ObjectStore(s3);
  let clusterId: string;

  beforeAll(async () => {
    await store.create(`${root}/application.py`, APPLICATION);
    const { JobFlowId } = await emr.send(
      new RunJobFlowCommand({
        Name: 'shared session',
        LogUri: `${root}/logs/`,
        Instances: { KeepJobFlowAliveWhenNoSteps: true },
        StepConcurrencyLevel: 2,
      }),
    );
    clusterId = JobFlowId!;
  });
  afterAll(async () => {
    await emr.send(new TerminateJobFlowsCommand({ JobFlowIds: [clusterId] }));
    emr.destroy();
    s3.destroy();
  });

  async function submit(word: string): Promise<string> {
    // An option of its own keeps it apart from the steps of other tests.
    const args = [
      'spark-submit',
      '--conf',
      'spark.app.name=shared',
      `${root}/application.py`,
      word,
      `${root}/${word}`,
    ];
    const { StepIds } = await emr.send(
      new AddJobFlowStepsCommand({
        JobFlowId: clusterId,
        Steps: [
          {
            Name: word,
            ActionOnFailure: 'CONTINUE',
            HadoopJarStep: { Jar: 'command-runner.jar', Args: args },
          },
        ],
      }),
    );
    return StepIds![0]!;
  }

  const stateOf = async (StepId: string) => {
    const { Step } = await emr.send(new DescribeStepCommand({ ClusterId: clusterId, StepId }));
    return Step!.Status!.State!;
  };
  const reaches = (step: string, state: string) =>
    expect.poll(() => stateOf(step), { interval: 100, timeout: 120_000 }).toBe(state);
  const exists = (uri: string) =>
    expect.poll(() => store.head(uri), { interval: 100, timeout: 120_000 }).not.toBeNull();
  const readLog = async (step: string, name: 'stdout' | 'stderr') => {
    const uri = `${root}/logs/${clusterId}/steps/${step}/${name}.gz`;
    await exists(uri);
    return String(gunzipSync((await readObject(s3, uri))!.bytes));
  };
  const applicationOf = (log: string) => log.split(' ')[1];

  it('have arguments, settings, views and logs of their own, and an end of their own when they are cancelled', async () => {
    const first = await submit('first');
    await reaches(first, 'COMPLETED');
    const firstLog = await readLog(first, 'stdout');
    expect(firstLog).toContain(`['first', '${root}/first'] true []`);

    const fails = await submit('fails');
    await reaches(fails, 'FAILED');
    const failsLog = await readLog(fails, 'stdout');
    expect(failsLog).toContain(`['fails', '${root}/fails'] true []`);
    expect(applicationOf(failsLog)).toBe(applicationOf(firstLog));
    expect(await readLog(fails, 'stderr')).toContain('ValueError: it does not work');

    const waits = await submit('waits');
    await exists(`${root}/waits/_SUCCESS`);
    // Waits its turn behind the one that is cancelled.
    const last = await submit('last');
    await reaches(last, 'RUNNING');
    await emr.send(
      new CancelStepsCommand({
        ClusterId: clusterId,
        StepIds: [waits],
        StepCancellationOption: 'SEND_INTERRUPT',
      }),
    );
    await reaches(waits, 'CANCELLED');

    await reaches(last, 'COMPLETED');
    const lastLog = await readLog(last, 'stdout');
    expect(applicationOf(lastLog)).not.toBe(applicationOf(firstLog));
  });
});
