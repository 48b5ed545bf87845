import { readFile } from 'node:fs/promises';
import { EMRClient } from '@aws-sdk/client-emr';
import { GlueClient } from '@aws-sdk/client-glue';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { S3Client } from '@aws-sdk/client-s3';
import type { ActivityDeps } from '../activities/deps.ts';
import { Limits } from '../activities/limits.ts';
import { createConsoleAlerts } from './adapters/alerts/console.ts';
import { createWebhookAlerts } from './adapters/alerts/webhook.ts';
import { createCheckRunner } from './adapters/duckdb/check-runner.ts';
import { createLakeComparer } from './adapters/duckdb/compare-lake.ts';
import { createEmrSpark } from './adapters/emr/emr-spark.ts';
import { createGlueCatalog } from './adapters/glue/glue-catalog.ts';
import { createParquetFooters } from './adapters/parquet/parquet-footers.ts';
import { createPostgresSource } from './adapters/postgres/postgres-source.ts';
import { createRedshiftWarehouse } from './adapters/redshift/redshift-warehouse.ts';
import { createS3ObjectStore } from './adapters/s3/object-store.ts';
import type { Config } from './config.ts';
import { TidemarkError } from './core/errors.ts';
import { type Pipeline, sourceVariable } from './core/pipeline.ts';
import type { Source } from './ports/source.ts';
import { ROOT } from './root.ts';

/** Builds the real adapters once. Connections are opened as they are used; `close` ends those that are open. */
export async function composeDeps(
  config: Config,
  pipelines: ReadonlyMap<string, Pipeline>,
): Promise<ActivityDeps & { close(): Promise<void> }> {
  const s3 = new S3Client({
    region: config.region,
    // A store that stalls must fail, or an upload to it would hang with its abort.
    requestHandler: { connectionTimeout: 5_000, socketTimeout: 60_000 },
  });
  const store = createS3ObjectStore(s3);
  const duckdb = {
    httpfsPath: config.duckdbHttpfs,
    // Keys of a role expire: each run asks the SDK's own chain.
    s3: async () => {
      const { accessKeyId, secretAccessKey, sessionToken } = await s3.config.credentials();
      return {
        endpoint: config.s3Endpoint,
        region: config.region,
        accessKeyId,
        secretAccessKey,
        sessionToken,
      };
    },
  };
  const sources = new Map<string, Source & { close(): Promise<void> }>();
  return {
    pipelines,
    limits: new Limits(pipelines),
    zones: config.zones,
    store,
    sourceOf: (pipeline, name) => {
      const variable = sourceVariable(pipeline, name);
      const url = config.sourceUrl(variable);
      if (!url)
        throw new TidemarkError(
          'SOURCE_AUTH_FAILED',
          `source ${name} of pipeline ${pipeline.definition.name}: ${variable} is not set; set it to postgresql://user:password@host:port/database`,
        );
      const { method, maxBytesPerSecond } = pipeline.definition.sources[name] ?? {};
      // Pipelines that read one database under the same limit share it.
      const key = [variable, method, maxBytesPerSecond].join(' ');
      const known = sources.get(key);
      if (known) return known;
      const source = createPostgresSource({ url, name, method, maxBytesPerSecond, region: config.region });
      sources.set(key, source);
      return source;
    },
    spark: createEmrSpark(new EMRClient({ region: config.region }), config.emr),
    catalog: createGlueCatalog(new GlueClient({ region: config.region })),
    warehouse: createRedshiftWarehouse(new RedshiftDataClient({ region: config.region }), config.redshift),
    footers: createParquetFooters(store),
    checks: createCheckRunner(duckdb),
    lake: createLakeComparer(duckdb),
    alerts: [
      createConsoleAlerts(),
      ...(config.alertWebhookUrl ? [createWebhookAlerts({ url: config.alertWebhookUrl })] : []),
    ],
    redshiftIamRole: config.redshift.iamRole,
    sparkDriver: await readFile(new URL('spark/driver.py', ROOT), 'utf8'),
    sparkSubmitArgs: config.sparkSubmitArgs,
    close: async () => {
      await Promise.all([...sources.values()].map((source) => source.close()));
      s3.destroy();
    },
  };
}
