import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ThrowawayPostgres } from './postgres.ts';

/** Transactions on a page of the commit log. */
const XIDS_A_PAGE = 32_768n;

/** One jump goes less than half-way round the ring, so that the rows before it still lie in the past. */
const LONGEST_JUMP = 1_400_000_000n;

/** `nextXid` in pg_control of PostgreSQL 14 to 18: after the identity, state, time and place of the last checkpoint. */
const NEXT_XID_AT = 64;

/**
 * Makes a throw-away server's next transaction id `xid`, a multiple of 32,768 ahead of its present one: what
 * `pg_resetwal --next-transaction-id --epoch` does, where that tool is not at hand. In several jumps; between
 * them all databases are frozen, as years of vacuum would have done it. Transactions that were prepared must
 * have ended.
 */
export async function advanceNextXid(server: ThrowawayPostgres, xid: bigint): Promise<void> {
  // A page of the commit log is made by the first transaction on it; for any other one it would have to exist.
  if (xid % XIDS_A_PAGE !== 0n) throw new Error(`${xid} is not the first on a page of the commit log`);
  await server.sql('alter database template0 allow_connections true');
  for (let now = await readNextXid(server); now < xid; now = await readNextXid(server)) {
    const furthest = ((now + LONGEST_JUMP) / XIDS_A_PAGE) * XIDS_A_PAGE;
    await server.restart((dataDir) => writeNextXid(dataDir, furthest < xid ? furthest : xid));
    if (furthest < xid) await freezeAll(server);
  }
}

/** The id that the next transaction will get, 64 bits. */
export async function readNextXid(server: ThrowawayPostgres): Promise<bigint> {
  const [row] = await server.sql<{ xid: string }>(
    'select pg_snapshot_xmax(pg_current_snapshot())::text as xid',
  );
  return BigInt(row!.xid);
}

async function freezeAll(server: ThrowawayPostgres): Promise<void> {
  for (const database of ['template0', 'template1', 'postgres', 'shop']) {
    const client = await server.connect(undefined, undefined, database);
    await client.query('vacuum (freeze)');
    await client.end();
  }
}

/** After a clean shutdown PostgreSQL goes on from the copy of the last checkpoint in pg_control. */
async function writeNextXid(dataDir: string, xid: bigint): Promise<void> {
  const path = join(dataDir, 'global/pg_control');
  const control = await readFile(path);
  const crcAt = findChecksum(control);
  control.writeBigUInt64LE(xid, NEXT_XID_AT);
  control.writeUInt32LE(crc32c(control.subarray(0, crcAt)), crcAt);
  await writeFile(path, control);
}

/** The checksum closes the struct, whose length differs by version: it is where the bytes before it agree. */
function findChecksum(control: Buffer): number {
  for (let at = NEXT_XID_AT + 8; at < 512; at += 4) {
    if (control.readUInt32LE(at) === crc32c(control.subarray(0, at))) return at;
  }
  throw new Error('no checksum in pg_control');
}

/** CRC-32C (Castagnoli), bit by bit. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
