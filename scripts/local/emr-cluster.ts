import { EMRClient, RunJobFlowCommand } from '@aws-sdk/client-emr';
import type { StackPlan } from './plan.ts';
import { httpUrl } from './stack-env.ts';

/** Makes a cluster that waits for steps, as a person would on AWS, and gives its id. */
export async function createEmrCluster(plan: StackPlan): Promise<string> {
  const emr = new EMRClient({
    region: 'us-east-1',
    endpoint: httpUrl(plan.ports.emr),
    credentials: { accessKeyId: plan.awsAccessKeyId, secretAccessKey: plan.awsSecretAccessKey },
  });
  try {
    const { JobFlowId } = await emr.send(
      new RunJobFlowCommand({ Name: 'local', Instances: { KeepJobFlowAliveWhenNoSteps: true } }),
    );
    if (JobFlowId === undefined) throw new Error('The EMR stand-in gave no cluster id.');
    return JobFlowId;
  } finally {
    emr.destroy();
  }
}
