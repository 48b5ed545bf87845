import { sparkPaths } from '../setup/paths.mjs';
import type { StackPlan } from './plan.ts';
import type { ServiceName } from './service.ts';

/** The zones of the lake; each has a bucket `tidemark-<zone>` and a variable `TIDEMARK_<ZONE>_URI`. */
export const ZONES = ['raw', 'clean', 'curated', 'quarantine', 'state'] as const;

/** AWS's region and keys, as every service and client of the stack has them. */
export function awsCredentials(plan: StackPlan): Record<string, string> {
  return {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: plan.awsAccessKeyId,
    AWS_SECRET_ACCESS_KEY: plan.awsSecretAccessKey,
  };
}

/** The URL of a port of the stack. */
export function httpUrl(port: number): string {
  return `http://127.0.0.1:${port}`;
}

/** The URL of the shop's database, for the role that owns it or for the one that may only read. */
export function shopUrl(plan: StackPlan, role: 'shop_owner' | 'tidemark_reader', database = 'shop'): string {
  const password = role === 'shop_owner' ? plan.shopOwnerPassword : plan.shopReaderPassword;
  return `postgresql://${role}:${password}@127.0.0.1:${plan.ports.postgres}/${database}`;
}

/** The environment by which a worker, a client or a test uses these services of the stack. It holds secrets. */
export function stackEnv(
  plan: StackPlan,
  services: readonly ServiceName[],
  emrClusterId: string | null,
): Record<string, string> {
  const { ports } = plan;
  const byService: Record<ServiceName, Record<string, string>> = {
    postgres: {
      TIDEMARK_SOURCE_SHOP_URL: shopUrl(plan, 'tidemark_reader'),
      TIDEMARK_LOCAL_SHOP_ADMIN_URL: shopUrl(plan, 'shop_owner'),
    },
    temporal: {
      TEMPORAL_ADDRESS: `127.0.0.1:${ports.temporal}`,
      TEMPORAL_NAMESPACE: 'default',
      TIDEMARK_TEMPORAL_UI_URL: httpUrl(ports.temporalUi),
    },
    seaweedfs: {
      AWS_ENDPOINT_URL_S3: httpUrl(ports.s3),
      ...Object.fromEntries(
        ZONES.map((zone) => [`TIDEMARK_${zone.toUpperCase()}_URI`, `s3://tidemark-${zone}`]),
      ),
    },
    emr: {
      AWS_ENDPOINT_URL_EMR: httpUrl(ports.emr),
      ...(emrClusterId === null ? {} : { TIDEMARK_EMR_CLUSTER_ID: emrClusterId }),
    },
    glue: { AWS_ENDPOINT_URL_GLUE: httpUrl(ports.glue) },
    redshift: {
      AWS_ENDPOINT_URL_REDSHIFT_DATA: httpUrl(ports.redshift),
      TIDEMARK_REDSHIFT_WORKGROUP: 'local',
      TIDEMARK_REDSHIFT_DATABASE: 'dev',
      TIDEMARK_REDSHIFT_IAM_ROLE: 'arn:aws:iam::000000000000:role/tidemark-spectrum',
    },
  };
  return Object.assign(
    { ...awsCredentials(plan), TIDEMARK_DUCKDB_HTTPFS: sparkPaths().duckdbHttpfs },
    ...services.map((name) => byService[name]),
  );
}
