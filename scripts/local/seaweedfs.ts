import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { sparkPaths } from '../setup/paths.mjs';
import type { StackPlan } from './plan.ts';
import type { Service } from './service.ts';
import { httpUrl, ZONES } from './stack-env.ts';

/** The S3 store, with a bucket for each zone and with server-side encryption (SSE-S3, and SSE-KMS under any key name). */
export function seaweedfsService(dir: string, plan: StackPlan): Service {
  const { ports } = plan;
  const dataDir = join(dir, 'seaweedfs');
  const configFile = join(dir, 'seaweedfs-s3.json');
  return {
    name: 'seaweedfs',
    port: ports.s3,
    command: [
      sparkPaths().seaweedBin,
      ...['-logtostderr', 'server', `-dir=${dataDir}`, '-ip=127.0.0.1', '-ip.bind=127.0.0.1'],
      ...[`-master.port=${ports.weedMaster}`, `-master.port.grpc=${ports.weedMasterGrpc}`],
      ...[`-volume.port=${ports.weedVolume}`, `-volume.port.grpc=${ports.weedVolumeGrpc}`],
      ...['-filer', `-filer.port=${ports.weedFiler}`, `-filer.port.grpc=${ports.weedFilerGrpc}`],
      ...['-s3', `-s3.port=${ports.s3}`, `-s3.port.grpc=${ports.s3Grpc}`, `-s3.config=${configFile}`],
      ...['-s3.port.iceberg=0', '-s3.port.lance=0', '-master.telemetry=false'],
      // One master without peers needs no election, in which a start now and then loses five seconds.
      '-master.peers=none',
      // Each bucket grows several volumes of its own, so there are many, and small ones.
      ...['-volume.max=200', '-master.volumeSizeLimitMB=1024'],
    ],
    env: { WEED_S3_SSE_KEY: plan.s3SseKey, GOMEMLIMIT: '256MiB', GOGC: '50' },
    stopSignal: 'SIGTERM',
    // Ending in good order takes it 17 s, and it loses nothing that it has acknowledged when it is killed.
    stopGraceMs: 0,
    logFile: join(dir, 'seaweedfs.log'),
    prepare: async () => {
      for (const socket of seaweedSockets(plan)) await rm(socket, { force: true });
      await mkdir(dataDir, { recursive: true });
      await writeFile(configFile, JSON.stringify(s3Config(plan)), { mode: 0o600 });
    },
    // A write: it needs all four parts of the server, each of which is up before it can work.
    probe: async () => {
      await createBuckets(plan);
      const object = { Bucket: 'tidemark-state', Key: '.probe' };
      await withS3(plan, async (s3) => {
        await s3.send(new PutObjectCommand({ ...object, Body: 'x' }));
        await s3.send(new DeleteObjectCommand(object));
      });
    },
  };
}

/** The sockets that SeaweedFS makes beside its gRPC ports, in a place of its own choice, and leaves there when it is killed. */
export function seaweedSockets({ ports }: StackPlan): string[] {
  const sockets = {
    master: ports.weedMasterGrpc,
    volume: ports.weedVolumeGrpc,
    filer: ports.weedFilerGrpc,
    s3: ports.s3Grpc,
  };
  return Object.entries(sockets).map(([name, port]) => `/tmp/seaweedfs-${name}-grpc-${port}.sock`);
}

function s3Config(plan: StackPlan): unknown {
  return {
    identities: [
      {
        name: 'local',
        credentials: [{ accessKey: plan.awsAccessKeyId, secretKey: plan.awsSecretAccessKey }],
        actions: ['Admin', 'Read', 'Write', 'List', 'Tagging'],
      },
    ],
    kms: {
      default_provider: 'local',
      providers: { local: { type: 'local', enableOnDemandCreate: true } },
    },
  };
}

async function createBuckets(plan: StackPlan): Promise<void> {
  await withS3(plan, async (s3) => {
    for (const zone of ZONES) {
      try {
        await s3.send(new CreateBucketCommand({ Bucket: `tidemark-${zone}` }));
      } catch (error) {
        const isThere = ['BucketAlreadyOwnedByYou', 'BucketAlreadyExists'].includes((error as Error).name);
        if (!isThere) throw error;
      }
    }
  });
}

async function withS3(plan: StackPlan, work: (s3: S3Client) => Promise<void>): Promise<void> {
  const s3 = new S3Client({
    region: 'us-east-1',
    endpoint: httpUrl(plan.ports.s3),
    forcePathStyle: true,
    credentials: { accessKeyId: plan.awsAccessKeyId, secretAccessKey: plan.awsSecretAccessKey },
    maxAttempts: 1,
  });
  try {
    await work(s3);
  } finally {
    s3.destroy();
  }
}
