import { join } from 'node:path';
import { CHECKOUT, sparkPaths } from '../setup/paths.mjs';
import type { StackPlan } from './plan.ts';
import type { Service } from './service.ts';
import { awsCredentials, httpUrl } from './stack-env.ts';

/**
 * The stand-in for EMR; its steps run Spark on this machine. They share one Spark application, which spares each the
 * start of Spark, unless `TIDEMARK_LOCAL_SPARK` says `fresh`.
 */
export function emrService(dir: string, plan: StackPlan): Service {
  return standIn('emr', dir, plan, [], {
    AWS_ENDPOINT_URL_S3: httpUrl(plan.ports.s3),
    TIDEMARK_LOCAL_SPARK: process.env.TIDEMARK_LOCAL_SPARK ?? 'shared',
  });
}

/** The stand-in for the Glue Data Catalog and its crawlers. */
export function glueService(dir: string, plan: StackPlan): Service {
  return standIn('glue', dir, plan, [], { AWS_ENDPOINT_URL_S3: httpUrl(plan.ports.s3) });
}

/** The stand-in for the Redshift Data API, with one workgroup `local` and one database `dev`. */
export function redshiftService(dir: string, plan: StackPlan): Service {
  return standIn('redshift', dir, plan, ['--workgroups', 'local', '--databases', 'dev'], {
    AWS_ENDPOINT_URL_S3: httpUrl(plan.ports.s3),
    AWS_ENDPOINT_URL_GLUE: httpUrl(plan.ports.glue),
    TIDEMARK_DUCKDB_HTTPFS: sparkPaths().duckdbHttpfs,
  });
}

function standIn(
  name: 'emr' | 'glue' | 'redshift',
  dir: string,
  plan: StackPlan,
  args: string[],
  env: Record<string, string>,
): Service {
  const port = plan.ports[name];
  const server = join(CHECKOUT, 'scripts', 'local', name, 'server.ts');
  return {
    name,
    port,
    command: [
      process.execPath,
      ...['--import', 'tsx', server, '--port', `${port}`, '--state', join(dir, name)],
      ...args,
    ],
    env: { ...awsCredentials(plan), ...env, NODE_NO_WARNINGS: '1' },
    stopSignal: 'SIGTERM',
    stopGraceMs: 1_500,
    logFile: join(dir, `${name}.log`),
    // Any answer will do: a stand-in listens only once its state is read.
    probe: async () => {
      await fetch(httpUrl(port), { signal: AbortSignal.timeout(5_000) });
    },
  };
}
