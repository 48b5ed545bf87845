import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Zones } from './core/layout.ts';
import type { Pipeline } from './core/pipeline.ts';
import { ROOT } from './root.ts';

/** Everything that the environment decides. This file alone reads it. */
export interface Config {
  readonly temporal: {
    /** `host:port`. */
    readonly address: string;
    readonly namespace: string;
    /** Of pipelines whose definition names none. */
    readonly taskQueue: string;
    readonly tls: boolean;
    readonly apiKey: string | undefined;
  };
  /** Address of Temporal's web UI, for messages. */
  readonly temporalUiUrl: string | undefined;
  /** Absolute paths of pipeline definitions. */
  readonly pipelinePaths: readonly string[];
  readonly zones: Zones;
  readonly emr: { readonly clusterId: string | undefined; readonly transient: TransientCluster | undefined };
  readonly sparkSubmitArgs: readonly string[];
  readonly redshift: {
    readonly database: string;
    readonly workgroup: string | undefined;
    readonly clusterIdentifier: string | undefined;
    readonly dbUser: string | undefined;
    readonly secretArn: string | undefined;
    readonly iamRole: string;
  };
  /** Where S3 is, when it is not AWS's; DuckDB needs to be told. */
  readonly s3Endpoint: string | undefined;
  readonly region: string;
  /** Secret address that alerts are posted to, beside the console. */
  readonly alertWebhookUrl: string | undefined;
  /** Path of DuckDB's httpfs extension; without it DuckDB installs it from its own site. */
  readonly duckdbHttpfs: string | undefined;
  /** The environment variable of that name, for connection URLs of sources. */
  readonly sourceUrl: (variable: string) => string | undefined;
}

const transientCluster = z.strictObject({
  releaseLabel: z.string(),
  serviceRole: z.string(),
  jobFlowRole: z.string(),
  logUri: z.string().optional(),
  subnetId: z.string().optional(),
  instanceType: z.string().default('m5.xlarge'),
  instanceCount: z.int().min(1).default(3),
});

/** A cluster that is started for one step and ends with it (RunJobFlow). */
type TransientCluster = z.output<typeof transientCluster>;

/** Every setting that is missing or wrong, at once. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The environment has ${problems.length} problem${problems.length === 1 ? '' : 's'}:\n${problems.map((line) => `  ${line}`).join('\n')}\nAll settings: docs/operations.md#settings`,
    );
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** What an operator's commands need: where Temporal is, and which pipelines there are. */
export type OperatorConfig = Pick<Config, 'temporal' | 'temporalUiUrl' | 'pipelinePaths'>;

/** The task queue of a pipeline's runs. */
export function taskQueueOf({ temporal }: Pick<Config, 'temporal'>, pipeline: Pipeline): string {
  return pipeline.definition.taskQueue ?? temporal.taskQueue;
}

/** Looks variables up and collects what is wrong with them. */
function environmentReader(env: NodeJS.ProcessEnv) {
  const problems: string[] = [];
  const optional = (name: string) => (env[name]?.trim() ? env[name]!.trim() : undefined);
  const required = (name: string, what: string) => {
    const value = optional(name);
    if (value === undefined) problems.push(`${name} is not set: ${what}`);
    return value ?? '';
  };
  const check = () => {
    if (problems.length > 0) throw new ConfigError(problems);
  };
  return { problems, optional, required, check };
}

type EnvironmentReader = ReturnType<typeof environmentReader>;

/** Reads the part that an operator's commands need; throws `ConfigError` when that part is wrong. */
export function readOperatorConfig(env: NodeJS.ProcessEnv = process.env): OperatorConfig {
  const reader = environmentReader(env);
  const config = operatorSettings(reader);
  reader.check();
  return config;
}

/** Absolute paths of the pipeline definitions in a comma-separated list; default: the example pipeline. */
export function pipelinePathsOf(list: string | undefined): string[] {
  return (list ?? fileURLToPath(new URL('pipelines/ecommerce/pipeline.ts', ROOT)))
    .split(',')
    .map((path) => resolve(path.trim()));
}

function operatorSettings({ problems, optional, required }: EnvironmentReader): OperatorConfig {
  const address = required(
    'TEMPORAL_ADDRESS',
    'host and port of the Temporal frontend, such as localhost:7233',
  );
  if (address && !/^[^\s/]+:\d{1,5}$/.test(address))
    problems.push(`TEMPORAL_ADDRESS="${address}" is not host:port`);

  const tls = optional('TEMPORAL_TLS');
  if (tls !== undefined && !/^(1|true|0|false)$/.test(tls))
    problems.push(`TEMPORAL_TLS="${tls}" is neither 1 nor 0`);
  return {
    temporal: {
      address,
      namespace: optional('TEMPORAL_NAMESPACE') ?? 'default',
      taskQueue: optional('TIDEMARK_TASK_QUEUE') ?? 'tidemark',
      tls: tls === '1' || tls === 'true' || optional('TEMPORAL_API_KEY') !== undefined,
      apiKey: optional('TEMPORAL_API_KEY'),
    },
    temporalUiUrl: optional('TIDEMARK_TEMPORAL_UI_URL'),
    pipelinePaths: pipelinePathsOf(optional('TIDEMARK_PIPELINES')),
  };
}

/** Reads the environment once; throws `ConfigError` with the full list of what is wrong. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const reader = environmentReader(env);
  const { problems, optional, required } = reader;
  const operator = operatorSettings(reader);
  const zone = (name: string, what: string) => {
    const value = required(name, `${what}, such as s3://acme-tidemark/${what.split(' ')[0]}`);
    if (value && !/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/.*)?$/.test(value))
      problems.push(`${name}="${value}" is not an s3:// URI with a bucket`);
    return value.replace(/\/+$/, '');
  };
  const json = <T>(name: string, schema: z.ZodType<T>): T | undefined => {
    const text = optional(name);
    if (text === undefined) return undefined;
    try {
      const parsed = schema.safeParse(JSON.parse(text));
      if (parsed.success) return parsed.data;
      for (const issue of parsed.error.issues)
        problems.push(`${name}: ${issue.path.join('.') || '(root)'}: ${issue.message}`);
    } catch {
      problems.push(`${name} is not JSON`);
    }
    return undefined;
  };

  const clusterId = optional('TIDEMARK_EMR_CLUSTER_ID');
  const transient = json('TIDEMARK_EMR_TRANSIENT', transientCluster);
  if (!clusterId && !optional('TIDEMARK_EMR_TRANSIENT')) {
    problems.push(
      'TIDEMARK_EMR_CLUSTER_ID is not set: name a running EMR cluster, or set TIDEMARK_EMR_TRANSIENT to start one for each step',
    );
  }
  const workgroup = optional('TIDEMARK_REDSHIFT_WORKGROUP');
  const clusterIdentifier = optional('TIDEMARK_REDSHIFT_CLUSTER');
  if (!workgroup && !clusterIdentifier)
    problems.push(
      'TIDEMARK_REDSHIFT_WORKGROUP is not set: name a Redshift Serverless workgroup, or a cluster in TIDEMARK_REDSHIFT_CLUSTER',
    );
  const iamRole = required('TIDEMARK_REDSHIFT_IAM_ROLE', 'ARN of the role that Redshift reads the lake with');
  if (iamRole && !/^arn:aws[a-z-]*:iam::\d{12}:role\/\S+$/.test(iamRole))
    problems.push(
      `TIDEMARK_REDSHIFT_IAM_ROLE="${iamRole}" is not the ARN of a role, such as arn:aws:iam::123456789012:role/tidemark-spectrum`,
    );
  for (const service of ['S3', 'EMR', 'GLUE', 'REDSHIFT_DATA']) {
    const name = `AWS_ENDPOINT_URL_${service}`;
    const value = optional(name);
    if (value && !/^https?:\/\/[^\s/]+/.test(value))
      problems.push(`${name}="${value}" is not an http(s) URL`);
  }

  const alertWebhookUrl = optional('TIDEMARK_ALERT_WEBHOOK_URL');
  // The value is a secret, so it is not shown.
  if (
    alertWebhookUrl &&
    !(URL.canParse(alertWebhookUrl) && /^https?:$/.test(new URL(alertWebhookUrl).protocol))
  )
    problems.push('TIDEMARK_ALERT_WEBHOOK_URL is not an http(s) URL');

  const config: Config = {
    ...operator,
    zones: {
      raw: zone('TIDEMARK_RAW_URI', 'raw extracts'),
      clean: zone('TIDEMARK_CLEAN_URI', 'clean rows'),
      curated: zone('TIDEMARK_CURATED_URI', 'curated tables'),
      quarantine: zone('TIDEMARK_QUARANTINE_URI', 'quarantine of rejected rows'),
      state: zone('TIDEMARK_STATE_URI', 'state of publications and runs'),
    },
    emr: { clusterId, transient },
    sparkSubmitArgs: (optional('TIDEMARK_SPARK_SUBMIT_ARGS') ?? '')
      .split(/\s+/)
      .filter((each) => each !== ''),
    redshift: {
      database: required('TIDEMARK_REDSHIFT_DATABASE', 'name of the Redshift database'),
      workgroup,
      clusterIdentifier,
      dbUser: optional('TIDEMARK_REDSHIFT_DB_USER'),
      secretArn: optional('TIDEMARK_REDSHIFT_SECRET_ARN'),
      iamRole,
    },
    s3Endpoint: optional('AWS_ENDPOINT_URL_S3') ?? optional('AWS_ENDPOINT_URL'),
    region: required('AWS_REGION', 'AWS region of buckets, cluster and warehouse'),
    alertWebhookUrl,
    duckdbHttpfs: optional('TIDEMARK_DUCKDB_HTTPFS'),
    sourceUrl: (variable) => optional(variable),
  };
  reader.check();
  return config;
}
