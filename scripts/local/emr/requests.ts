import { z } from 'zod';
import { AwsError } from '../aws-json.ts';

const text = (max: number) => z.string().min(1).max(max);
const tag = z.object({ Key: z.string().optional(), Value: z.string().optional() });

const stepConfig = z.object({
  Name: text(256),
  ActionOnFailure: z
    .enum(['TERMINATE_JOB_FLOW', 'TERMINATE_CLUSTER', 'CANCEL_AND_WAIT', 'CONTINUE'])
    .default('TERMINATE_CLUSTER'),
  HadoopJarStep: z.object({
    Jar: text(10_280),
    MainClass: z.string().max(10_280).optional(),
    Args: z.array(z.string().max(10_280)).default([]),
    Properties: z.array(z.object({ Key: z.string().default(''), Value: z.string().default('') })).default([]),
  }),
});

/** A step as a client asks for it. */
export type StepConfig = z.infer<typeof stepConfig>;

export const runJobFlow = z.object({
  Name: text(256),
  Instances: z.object({
    KeepJobFlowAliveWhenNoSteps: z.boolean().default(false),
    TerminationProtected: z.boolean().default(false),
  }),
  LogUri: z.string().optional(),
  ReleaseLabel: z.string().optional(),
  ServiceRole: z.string().optional(),
  Steps: z.array(stepConfig).default([]),
  StepConcurrencyLevel: z.number().int().min(1).max(256).default(1),
  Applications: z
    .array(z.object({ Name: z.string().optional(), Version: z.string().optional() }))
    .default([]),
  Configurations: z
    .array(
      z.object({
        Classification: z.string().optional(),
        Properties: z.record(z.string(), z.string()).default({}),
      }),
    )
    .default([]),
  Tags: z.array(tag).default([]),
});

export const addJobFlowSteps = z.object({ JobFlowId: text(256), Steps: z.array(stepConfig).min(1) });

export const describeStep = z.object({ ClusterId: text(256), StepId: text(256) });

export const listSteps = z.object({
  ClusterId: text(256),
  StepStates: z.array(z.string()).optional(),
  StepIds: z.array(z.string()).max(10).optional(),
  Marker: z.string().optional(),
});

export const cancelSteps = z.object({
  ClusterId: text(256),
  StepIds: z.array(text(256)).min(1).max(256),
  StepCancellationOption: z.enum(['SEND_INTERRUPT', 'TERMINATE_PROCESS']).default('SEND_INTERRUPT'),
});

export const describeCluster = z.object({ ClusterId: text(256) });

export const listClusters = z.object({
  CreatedAfter: z.number().optional(),
  CreatedBefore: z.number().optional(),
  ClusterStates: z.array(z.string()).optional(),
  Marker: z.string().optional(),
});

export const terminateJobFlows = z.object({ JobFlowIds: z.array(text(256)).min(1).max(10) });

/** Reads a request; refuses it as AWS does when a member breaks its constraint. Unknown members are left out. */
export function parseRequest<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const details = issues.map(
    ({ path, message }) => `Value at '${path.join('.')}' failed to satisfy constraint: ${message}`,
  );
  const count = issues.length === 1 ? '1 validation error' : `${issues.length} validation errors`;
  throw new AwsError('ValidationException', `${count} detected: ${details.join('; ')}`);
}
