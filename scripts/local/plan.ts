import { randomBytes } from 'node:crypto';
import { freePorts } from './free-port.ts';

const PORT_NAMES = [
  ...['postgres', 'temporal', 'temporalUi', 'temporalMetrics', 'temporalHttp', 's3', 's3Grpc'],
  ...['weedMaster', 'weedMasterGrpc', 'weedVolume', 'weedVolumeGrpc', 'weedFiler', 'weedFilerGrpc'],
  ...['emr', 'glue', 'redshift'],
] as const;

/** What a port of a stack is for. */
type PortName = (typeof PORT_NAMES)[number];

/** What is drawn by lot for a stack: where its services listen, and their secrets. */
export interface StackPlan {
  /** Marks the stack's processes: each has it in its environment as {@link MARKER}. */
  id: string;
  ports: Record<PortName, number>;
  awsAccessKeyId: string;
  awsSecretAccessKey: string;
  s3SseKey: string;
  shopOwnerPassword: string;
  shopReaderPassword: string;
}

/** The variable by which the processes of a stack, and all that they start, are found (see sweep.sh). */
export const MARKER = 'TIDEMARK_LOCAL_STACK';

/** Draws a new plan. */
export async function newPlan(): Promise<StackPlan> {
  const ports = await freePorts(PORT_NAMES.length);
  const secret = (bytes: number) => randomBytes(bytes).toString('hex');
  return {
    id: secret(12),
    ports: Object.fromEntries(PORT_NAMES.map((name, i) => [name, ports[i]!])) as Record<PortName, number>,
    awsAccessKeyId: `LOCAL${secret(8).toUpperCase()}`,
    awsSecretAccessKey: secret(20),
    s3SseKey: secret(32),
    shopOwnerPassword: secret(16),
    shopReaderPassword: secret(16),
  };
}
