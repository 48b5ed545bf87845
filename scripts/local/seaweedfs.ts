import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { sparkPaths } from '../setup/paths.mjs';
import type { ServiceSpec } from './process.ts';

export interface S3Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** SeaweedFS as S3 store. It takes 16 s to end by itself and loses nothing when killed, so it is killed soon. */
export function seaweedSpec(dir: string, ports: readonly number[], keys: S3Keys): ServiceSpec {
  const [s3, s3Grpc, master, masterGrpc, volume, volumeGrpc, filer, filerGrpc] = ports;
  const data = join(dir, 'seaweedfs');
  mkdirSync(data, { recursive: true });
  const config = join(dir, 's3.json');
  const credentials = [{ accessKey: keys.accessKeyId, secretKey: keys.secretAccessKey }];
  writeFileSync(
    config,
    JSON.stringify({
      identities: [{ name: 'tidemark', credentials, actions: ['Admin', 'Read', 'Write', 'List', 'Tagging'] }],
    }),
    { mode: 0o600 },
  );
  return {
    name: 'seaweedfs',
    command: sparkPaths().seaweedBin,
    args: [
      ...['-logdir', dir, 'server', `-dir=${data}`, '-ip=127.0.0.1', '-ip.bind=127.0.0.1'],
      ...[
        `-master.port=${master}`,
        `-master.port.grpc=${masterGrpc}`,
        '-master.electionTimeout=1s',
        '-master.heartbeatInterval=200ms',
        '-master.volumeSizeLimitMB=256',
      ],
      ...[
        `-volume.port=${volume}`,
        `-volume.port.grpc=${volumeGrpc}`,
        '-volume.max=0',
        '-filer',
        `-filer.port=${filer}`,
        `-filer.port.grpc=${filerGrpc}`,
      ],
      ...[
        '-s3',
        `-s3.port=${s3}`,
        `-s3.port.grpc=${s3Grpc}`,
        '-s3.port.iceberg=0',
        '-s3.port.lance=0',
        `-s3.config=${config}`,
      ],
    ],
    env: { GOMEMLIMIT: '256MiB', GOGC: '50' },
    port: s3!,
    logFile: join(dir, 'seaweedfs.log'),
    probe: async () => {
      const client = s3Client(s3!, keys);
      try {
        await client.send(new ListBucketsCommand(), { abortSignal: AbortSignal.timeout(2_000) });
      } finally {
        client.destroy();
      }
    },
    stopLimitMs: 100,
  };
}

export async function createBuckets(port: number, keys: S3Keys, names: readonly string[]): Promise<void> {
  const client = s3Client(port, keys);
  try {
    for (const Bucket of names) {
      await client.send(new CreateBucketCommand({ Bucket })).catch((error: Error) => {
        if (!/BucketAlready/.test(error.name)) throw error;
      });
    }
  } finally {
    client.destroy();
  }
}

function s3Client(port: number, credentials: S3Keys): S3Client {
  return new S3Client({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials,
    maxAttempts: 2,
  });
}
