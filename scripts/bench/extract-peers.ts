import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT, sparkPaths, TIDEMARK_DIR } from '../setup/paths.mjs';

/** What a user would pick instead. Later versions of sling download their binary, this wheel has it. */
const PACKAGES = [
  'sling-linux-amd64==1.4.11',
  'dlt==1.31.0',
  's3fs==2026.9.0',
  'sqlalchemy==2.1.9',
  'pyarrow',
  'numpy',
  'psycopg2-binary==2.9.13',
  'boto3==1.43.117',
];

export interface Peer {
  readonly name: string;
  /** Which version was measured, as far as it is pinned. */
  readonly about: string;
  command(table: string, bucket: string, prefix: string): string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Installs the peers from PyPI, once, and tells how each copies a table to S3 as CSV. */
export async function installPeers(stackEnv: Readonly<Record<string, string>>): Promise<Peer[]> {
  const { python } = sparkPaths();
  const digest = createHash('sha256').update(PACKAGES.join()).digest('hex').slice(0, 12);
  const dir = join(TIDEMARK_DIR, 'bench', `peers-${digest}`);
  if (!existsSync(dir)) {
    const partial = `${dir}.partial`;
    rmSync(partial, { recursive: true, force: true });
    const quiet = ['--quiet', '--disable-pip-version-check', '--root-user-action=ignore'];
    execFileSync(python, ['-m', 'pip', 'install', ...quiet, '--target', partial, ...PACKAGES], {
      stdio: 'inherit',
    });
    chmodSync(slingIn(partial), 0o755);
    // A folder under its final name is always complete.
    renameSync(partial, dir);
  }
  const env = { PYTHONPATH: dir, RUNTIME__DLTHUB_TELEMETRY: 'false', SLING_DISABLE_TELEMETRY: 'true' };
  const script = (name: string) => join(CHECKOUT, 'scripts/bench/peers', name);
  return [
    {
      name: 'psycopg2 cursor, csv, boto3',
      about: 'psycopg2 2.9.13; a server-side cursor of 10,000 rows; CSV without compression',
      env,
      command: (...names) => [python, script('cursor_to_csv.py'), ...names],
    },
    {
      name: 'sling, csv.gz',
      about: '1.4.11',
      env: {
        ...env,
        BENCH_PG: `${stackEnv.TIDEMARK_SOURCE_SHOP_URL}?sslmode=disable`,
        BENCH_S3: JSON.stringify({
          type: 's3',
          bucket: 'tidemark-raw',
          access_key_id: stackEnv.AWS_ACCESS_KEY_ID,
          secret_access_key: stackEnv.AWS_SECRET_ACCESS_KEY,
          endpoint: stackEnv.AWS_ENDPOINT_URL_S3,
          region: stackEnv.AWS_REGION,
        }),
      },
      command: (table, bucket, prefix) => [
        ...[slingIn(dir), 'run', '--src-conn', 'BENCH_PG', '--src-stream', `public.${table}`],
        ...['--tgt-conn', 'BENCH_S3', '--tgt-object', `s3://${bucket}/${prefix}/${table}.csv.gz`],
        ...['--tgt-options', '{"format": "csv", "compression": "gzip"}'],
      ],
    },
    {
      name: 'dlt, csv',
      about: '1.31.0; sql_database with its pyarrow backend, filesystem destination',
      env,
      command: (...names) => [python, script('dlt_csv.py'), ...names],
    },
  ];
}

function slingIn(dir: string): string {
  return join(dir, 'sling_linux_amd64', 'bin', 'sling-linux-amd64');
}
