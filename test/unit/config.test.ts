import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig, readOperatorConfig } from '../../src/config.ts';

const good = {
  TEMPORAL_ADDRESS: 'localhost:7233',
  AWS_REGION: 'eu-west-1',
  TIDEMARK_EMR_CLUSTER_ID: 'j-1',
  TIDEMARK_REDSHIFT_WORKGROUP: 'wg',
  TIDEMARK_REDSHIFT_DATABASE: 'dev',
  TIDEMARK_REDSHIFT_IAM_ROLE: 'arn:aws:iam::123456789012:role/r',
  TIDEMARK_RAW_URI: 's3://acme/raw/',
  TIDEMARK_CLEAN_URI: 's3://acme/clean',
  TIDEMARK_CURATED_URI: 's3://acme/curated',
  TIDEMARK_QUARANTINE_URI: 's3://acme/quarantine',
  TIDEMARK_STATE_URI: 's3://acme/state',
};

function problemsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('readConfig', () => {
  it('reads a whole environment, with defaults', () => {
    const config = readConfig(good);
    expect(config.temporal).toMatchObject({ namespace: 'default', taskQueue: 'tidemark', tls: false });
    expect(config.zones.raw).toBe('s3://acme/raw');
    expect(config.pipelinePaths[0]).toMatch(/pipelines\/ecommerce\/pipeline\.ts$/);
  });

  it('lists every missing setting at once', () => {
    const problems = problemsOf({});
    for (const name of Object.keys(good)) expect(problems.join('\n')).toContain(`${name} is not set`);
  });

  it.each([
    ['TEMPORAL_ADDRESS', 'localhost', /is not host:port/],
    ['TIDEMARK_RAW_URI', '/data/raw', /is not an s3:\/\/ URI/],
    ['TIDEMARK_EMR_TRANSIENT', '{', /^TIDEMARK_EMR_TRANSIENT is not JSON/],
    ['TIDEMARK_EMR_TRANSIENT', '{"releaseLabel":"emr-7"}', /^TIDEMARK_EMR_TRANSIENT: serviceRole: /],
  ])('%s="%s" is refused', (name, value, expected) => {
    expect(problemsOf({ ...good, [name]: value })[0]).toMatch(expected);
  });
});

describe('readOperatorConfig', () => {
  it('asks for nothing but where Temporal is, so that a decision needs no keys of the data', () => {
    const config = readOperatorConfig({ TEMPORAL_ADDRESS: 'temporal:7233' });
    expect(config.temporal).toMatchObject({
      address: 'temporal:7233',
      namespace: 'default',
      taskQueue: 'tidemark',
    });
    expect(() => readOperatorConfig({})).toThrow(/1 problem:\n {2}TEMPORAL_ADDRESS is not set/);
  });
});
