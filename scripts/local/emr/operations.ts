import { randomBytes } from 'node:crypto';
import { AwsError, type Operation } from '../aws-json.ts';
import { page } from './paging.ts';
import { type ClusterRecord, isClusterOpen, isStepEnded, type StepRecord } from './records.ts';
import * as requests from './requests.ts';
import { terminate } from './scheduler.ts';
import { clusterArn, clusterShape, clusterSummary, stepShape } from './shapes.ts';
import type { StateFolder } from './state-folder.ts';

const maxOpenSteps = 256;
const maxStepCharacters = 10_240;

/** The EMR operations over a state folder. They only record what is asked for; the scheduler does it. */
export function emrOperations(state: StateFolder): Record<string, Operation> {
  return {
    RunJobFlow: async (input) => {
      const request = requests.parseRequest(requests.runJobFlow, input);
      checkSteps(request.Steps, request.StepConcurrencyLevel, 0);
      const cluster: ClusterRecord = {
        id: newId('j'),
        name: request.Name,
        state: 'STARTING',
        ending: null,
        createdAt: Date.now(),
        readyAt: null,
        endedAt: null,
        keepAlive: request.Instances.KeepJobFlowAliveWhenNoSteps,
        isProtected: request.Instances.TerminationProtected,
        stepConcurrencyLevel: request.StepConcurrencyLevel,
        releaseLabel: request.ReleaseLabel ?? null,
        logUri: request.LogUri ?? null,
        serviceRole: request.ServiceRole ?? null,
        applications: request.Applications,
        tags: request.Tags,
        sparkDefaults: Object.assign(
          {},
          ...request.Configurations.filter(({ Classification }) => Classification === 'spark-defaults').map(
            ({ Properties }) => Properties,
          ),
        ) as Record<string, string>,
      };
      // Steps first: a cluster that a crash leaves without them would end at once as completed.
      addSteps(state, cluster.id, request.Steps);
      state.saveCluster(cluster);
      return { JobFlowId: cluster.id, ClusterArn: clusterArn(cluster.id) };
    },

    AddJobFlowSteps: async (input) => {
      const request = requests.parseRequest(requests.addJobFlowSteps, input);
      const cluster = state.clusters.get(request.JobFlowId);
      if (cluster === undefined) {
        throw new AwsError('ValidationException', 'Specified job flow ID does not exist.');
      }
      if (!isClusterOpen(cluster)) {
        throw new AwsError(
          'ValidationException',
          'A job flow that is shutting down, terminated, or finished may not be modified.',
        );
      }
      checkSteps(request.Steps, cluster.stepConcurrencyLevel, state.openSteps(cluster.id).length);
      return { StepIds: addSteps(state, cluster.id, request.Steps) };
    },

    DescribeStep: async (input) => {
      const request = requests.parseRequest(requests.describeStep, input);
      const cluster = findCluster(state, request.ClusterId);
      const step = state.step(cluster.id, request.StepId);
      if (step === undefined) {
        throw new AwsError('InvalidRequestException', `Step id '${request.StepId}' is not valid.`);
      }
      return { Step: stepShape(step) };
    },

    ListSteps: async (input) => {
      const request = requests.parseRequest(requests.listSteps, input);
      const cluster = findCluster(state, request.ClusterId);
      const wanted = state
        .steps(cluster.id)
        .reverse()
        .filter((step) => !request.StepIds?.length || request.StepIds.includes(step.id))
        .filter((step) => !request.StepStates?.length || request.StepStates.includes(step.state));
      const { items, marker } = page(wanted, (step) => step.sequence, request.Marker);
      return { Steps: items.map(stepShape), Marker: marker };
    },

    CancelSteps: async (input) => {
      const request = requests.parseRequest(requests.cancelSteps, input);
      const cluster = findCluster(state, request.ClusterId);
      const results = request.StepIds.map((id) => {
        const step = state.step(cluster.id, id);
        const refusal =
          step === undefined
            ? 'Step is not found.'
            : isStepEnded(step)
              ? `Step is already ${step.state}.`
              : null;
        if (refusal !== null) return { StepId: id, Status: 'FAILED', Reason: refusal };
        requestCancellation(state, step!, request.StepCancellationOption);
        return { StepId: id, Status: 'SUBMITTED', Reason: '' };
      });
      return { CancelStepsInfoList: results };
    },

    DescribeCluster: async (input) => {
      const request = requests.parseRequest(requests.describeCluster, input);
      return { Cluster: clusterShape(findCluster(state, request.ClusterId)) };
    },

    ListClusters: async (input) => {
      const request = requests.parseRequest(requests.listClusters, input);
      const { CreatedAfter: after = 0, CreatedBefore: before = Number.POSITIVE_INFINITY } = request;
      const wanted = [...state.clusters.values()]
        .sort((a, b) => b.createdAt - a.createdAt)
        .filter(({ createdAt }) => createdAt / 1000 >= after && createdAt / 1000 <= before)
        .filter((cluster) => !request.ClusterStates?.length || request.ClusterStates.includes(cluster.state));
      const { items, marker } = page(wanted, (cluster) => cluster.createdAt, request.Marker);
      return { Clusters: items.map(clusterSummary), Marker: marker };
    },

    TerminateJobFlows: async (input) => {
      const request = requests.parseRequest(requests.terminateJobFlows, input);
      const clusters = request.JobFlowIds.map((id) => state.clusters.get(id));
      if (clusters.includes(undefined)) {
        throw new AwsError('ValidationException', 'Specified job flow ID does not exist.');
      }
      if (clusters.some((cluster) => cluster!.isProtected && isClusterOpen(cluster!))) {
        throw new AwsError(
          'ValidationException',
          'Could not shut down one or more job flows since they are termination protected.',
        );
      }
      for (const cluster of clusters) {
        terminate(cluster!, {
          code: 'USER_REQUEST',
          message: 'Terminated by user request',
          state: 'TERMINATED',
        });
        state.saveCluster(cluster!);
      }
      return {};
    },
  };
}

function findCluster(state: StateFolder, id: string): ClusterRecord {
  const cluster = state.clusters.get(id);
  if (cluster === undefined) {
    throw new AwsError('InvalidRequestException', `Cluster id '${id}' is not valid.`);
  }
  return cluster;
}

function checkSteps(steps: readonly requests.StepConfig[], concurrency: number, openCount: number): void {
  if (openCount + steps.length > maxOpenSteps) {
    throw new AwsError(
      'ValidationException',
      "Maximum number of active steps(State = 'Running', 'Pending' or 'Cancel_Pending') for cluster exceeded.",
    );
  }
  for (const { ActionOnFailure: action, HadoopJarStep: jarStep } of steps) {
    const texts = [
      jarStep.Jar,
      jarStep.MainClass ?? '',
      ...jarStep.Args,
      ...jarStep.Properties.flatMap(({ Key, Value }) => [Key, Value]),
    ];
    if (texts.join('').length > maxStepCharacters) {
      throw new AwsError(
        'ValidationException',
        `The strings of HadoopJarStep exceed a total of ${maxStepCharacters} characters.`,
      );
    }
    if (concurrency > 1 && action !== 'CONTINUE') {
      throw new AwsError(
        'ValidationException',
        `ActionOnFailure ${action} is not valid for a cluster whose StepConcurrencyLevel is greater than 1.`,
      );
    }
  }
}

function addSteps(state: StateFolder, clusterId: string, steps: readonly requests.StepConfig[]): string[] {
  return steps.map(({ Name: name, ActionOnFailure: actionOnFailure, HadoopJarStep: jarStep }) => {
    const step: StepRecord = {
      id: newId('s'),
      clusterId,
      sequence: state.nextSequence(),
      name,
      jar: jarStep.Jar,
      mainClass: jarStep.MainClass ?? null,
      args: jarStep.Args,
      properties: Object.fromEntries(jarStep.Properties.map(({ Key, Value }) => [Key, Value])),
      actionOnFailure,
      state: 'PENDING',
      createdAt: Date.now(),
      startedAt: null,
      endedAt: null,
      cancelledAt: null,
      cancelOption: 'SEND_INTERRUPT',
      killedAt: null,
      failure: null,
      fault: null,
      notBefore: null,
      areLogsArchived: false,
    };
    state.saveStep(step);
    return step.id;
  });
}

function requestCancellation(state: StateFolder, step: StepRecord, option: StepRecord['cancelOption']): void {
  step.state = 'CANCEL_PENDING';
  step.cancelledAt ??= Date.now();
  step.cancelOption = option;
  state.saveStep(step);
}

function newId(kind: 'j' | 's'): string {
  const letters = [...randomBytes(13)].map((byte) => (byte % 36).toString(36).toUpperCase());
  return `${kind}-${letters.join('')}`;
}
