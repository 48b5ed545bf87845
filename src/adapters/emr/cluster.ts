import { type Cluster, DescribeClusterCommand, type EMRClient } from '@aws-sdk/client-emr';
import { callAws } from '../aws-errors.ts';

/** What EMR says of a cluster; fails with EMR_CLUSTER_GONE when it knows none of that id. */
export async function describeCluster(client: EMRClient, clusterId: string): Promise<Cluster> {
  const call = { service: 'emr', action: 'elasticmapreduce:DescribeCluster', target: clusterId } as const;
  const command = new DescribeClusterCommand({ ClusterId: clusterId });
  const { Cluster: cluster } = await callAws(call, (options) => client.send(command, options));
  return cluster!;
}

export function isGone({ Status }: Cluster): boolean {
  return Status?.State?.startsWith('TERMINAT') ?? false;
}

/** State and reason of a cluster in words, such as `TERMINATED_WITH_ERRORS: BOOTSTRAP_FAILURE ...`. */
export function describeClusterEnd({ Status }: Cluster): string {
  const { Code, Message } = Status?.StateChangeReason ?? {};
  return [Status?.State, Code, Message].filter(Boolean).join(': ');
}
