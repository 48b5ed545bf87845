import type { ClusterRecord, StepRecord } from './records.ts';

/** A cluster as DescribeCluster shows it. */
export function clusterShape(cluster: ClusterRecord) {
  return {
    ...clusterSummary(cluster),
    LogUri: cluster.logUri ?? undefined,
    ReleaseLabel: cluster.releaseLabel ?? undefined,
    ServiceRole: cluster.serviceRole ?? undefined,
    AutoTerminate: !cluster.keepAlive,
    TerminationProtected: cluster.isProtected,
    StepConcurrencyLevel: cluster.stepConcurrencyLevel,
    Applications: cluster.applications,
    Tags: cluster.tags,
    Configurations: [{ Classification: 'spark-defaults', Properties: cluster.sparkDefaults }],
  };
}

/** A cluster as ListClusters shows it. */
export function clusterSummary(cluster: ClusterRecord) {
  const { ending } = cluster;
  return {
    Id: cluster.id,
    Name: cluster.name,
    ClusterArn: clusterArn(cluster.id),
    Status: {
      State: cluster.state,
      StateChangeReason: ending === null ? {} : { Code: ending.code, Message: ending.message },
      Timeline: {
        CreationDateTime: instant(cluster.createdAt),
        ReadyDateTime: instant(cluster.readyAt),
        EndDateTime: instant(cluster.endedAt),
      },
    },
  };
}

/** A step as DescribeStep and ListSteps show it. */
export function stepShape(step: StepRecord) {
  const { failure } = step;
  return {
    Id: step.id,
    Name: step.name,
    Config: {
      Jar: step.jar,
      MainClass: step.mainClass ?? undefined,
      Args: step.args,
      Properties: step.properties,
    },
    ActionOnFailure: step.actionOnFailure,
    Status: {
      State: step.state,
      StateChangeReason: {},
      ...(failure === null
        ? {}
        : {
            FailureDetails: { Reason: failure.reason, Message: failure.message, LogFile: failure.logFile },
          }),
      Timeline: {
        CreationDateTime: instant(step.createdAt),
        StartDateTime: instant(step.startedAt),
        EndDateTime: instant(step.endedAt),
      },
    },
  };
}

/** ARN of a cluster of the local account. */
export function clusterArn(clusterId: string): string {
  return `arn:aws:elasticmapreduce:us-east-1:000000000000:cluster/${clusterId}`;
}

function instant(epochMs: number | null): Date | undefined {
  return epochMs === null ? undefined : new Date(epochMs);
}
