import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config.ts';
import { readStartUp } from '../../src/start-up.ts';

const pathOf = (file: string) => new URL(`../../${file}`, import.meta.url).pathname;
const ECOMMERCE = pathOf('pipelines/ecommerce/pipeline.ts');
const SENSORS = pathOf('test/faults/sensors/pipeline.ts');

const good = {
  TEMPORAL_ADDRESS: 'localhost:7233',
  AWS_REGION: 'eu-west-1',
  TIDEMARK_EMR_CLUSTER_ID: 'j-1',
  TIDEMARK_REDSHIFT_WORKGROUP: 'wg',
  TIDEMARK_REDSHIFT_DATABASE: 'dev',
  TIDEMARK_REDSHIFT_IAM_ROLE: 'arn:aws:iam::123456789012:role/spectrum',
  TIDEMARK_RAW_URI: 's3://lake/raw',
  TIDEMARK_CLEAN_URI: 's3://lake/clean',
  TIDEMARK_CURATED_URI: 's3://lake/curated',
  TIDEMARK_QUARANTINE_URI: 's3://lake/quarantine',
  TIDEMARK_STATE_URI: 's3://lake/state',
  TIDEMARK_SOURCE_SHOP_URL: 'postgresql://reader:secret@db/shop',
};

async function problemsOf(change: Record<string, string | undefined>): Promise<readonly string[]> {
  const error = await readStartUp({ ...good, ...change }).then(
    () => new ConfigError([]),
    (failure: unknown) => failure,
  );
  expect(error).toBeInstanceOf(ConfigError);
  return (error as ConfigError).problems;
}

describe('readStartUp', () => {
  it('takes a complete environment', async () => {
    expect([...(await readStartUp(good)).pipelines.keys()]).toEqual(['ecommerce']);
  });

  it('tells of settings, sources and definitions all at once', async () => {
    const problems = await problemsOf({
      TEMPORAL_TLS: 'maybe',
      TIDEMARK_REDSHIFT_IAM_ROLE: 'foo',
      AWS_ENDPOINT_URL_S3: 'zzz',
      TIDEMARK_SOURCE_SHOP_URL: undefined,
    });
    expect(problems.map((line) => line.split(/[ =]/)[0])).toEqual([
      'TEMPORAL_TLS',
      'TIDEMARK_REDSHIFT_IAM_ROLE',
      'AWS_ENDPOINT_URL_S3',
      'TIDEMARK_SOURCE_SHOP_URL',
    ]);
  });

  it('takes the chosen pipelines alone, with their sources', async () => {
    const both = { ...good, TIDEMARK_PIPELINES: `${ECOMMERCE},${SENSORS}` };
    expect([...(await readStartUp(both, ['ecommerce'])).pipelines.keys()]).toEqual(['ecommerce']);
    await expect(readStartUp(both, ['sensors'])).rejects.toThrow(/SENSORS_GRID_URL is not set/);
  });

  it('refuses a choice that does not exist, and one that shares its task queue with another', async () => {
    const both = { ...good, TIDEMARK_PIPELINES: `${ECOMMERCE},${SENSORS}` };
    await expect(readStartUp(both, ['shop'])).rejects.toThrow(
      /--pipeline "shop" is in no file of TIDEMARK_PIPELINES; they have ecommerce, sensors/,
    );
    await expect(readStartUp({ ...both, TIDEMARK_TASK_QUEUE: 'sensors' }, ['ecommerce'])).rejects.toThrow(
      /--pipeline ecommerce: its task queue "sensors" is that of sensors, too/,
    );
  });

  it('does not show a connection URL, which holds a password', async () => {
    const problems = await problemsOf({ TIDEMARK_SOURCE_SHOP_URL: 'http://reader:secret@db/shop' });
    expect(problems).toHaveLength(1);
    expect(problems[0]).not.toContain('secret');
  });
});
