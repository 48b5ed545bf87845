import pg from 'pg';
import { TidemarkError } from '../../core/errors.ts';
import type { CursorBound, EntityRead, Snapshot } from '../../core/manifest.ts';
import type { KeyBounds } from '../../ports/source.ts';

/** Half-way round the 32-bit ring, with room for what is written during the read. */
const MAX_XID_DISTANCE = 1_500_000_000n;
const XID_RING = 1n << 32n;
const FIRST_NORMAL_XID = 3n;

/**
 * SQL that holds for the rows of a read, null when it is all rows. `columns` gives the introspected type of
 * each column, `keys` the bounds of a range. A row whose window column is NULL is in no window.
 */
export function rowFilter(
  read: EntityRead,
  columns: readonly { readonly name: string; readonly type: string }[],
  keys?: KeyBounds,
): string | null {
  switch (read.mode) {
    case 'full':
      return null;
    case 'incremental':
      return read.cursor ? stampedSince(read.cursor, read.fromXid) : writtenSince(read.fromXid);
    case 'window':
      return inWindow(read, columns.find((each) => each.name === read.column)?.type ?? '');
    case 'range':
      if (!keys) throw new Error('a range without the bounds of its keys');
      return inRange(keys);
  }
}

/** Untyped literals take the types of the columns, so the key's index and its order (collation) count. */
function inRange({ key, from, to }: KeyBounds): string | null {
  const row = (values: readonly string[]) => `(${values.join(', ')})`;
  const columns = row(key.map((name) => `t.${pg.escapeIdentifier(name)}`));
  const literals = (values: readonly string[]) => row(values.map((value) => pg.escapeLiteral(value)));
  const bounds = [from && `${columns} >= ${literals(from)}`, to && `${columns} < ${literals(to)}`].filter(
    (each) => each !== null,
  );
  return bounds.length > 0 ? bounds.join(' AND ') : null;
}

/**
 * Rows whose writer has `fromXid` or a newer xid. `age` counts back from the next xid on the 32-bit ring, so a
 * wrap between the two does no harm; the lower bound keeps out rows frozen so long ago that their xid seems to
 * lie ahead. The subselect makes PostgreSQL compute the constant once, not for each row.
 */
export function writtenSince(fromXid: string): string {
  const onRing = BigInt(fromXid) % XID_RING;
  // 0, 1 and 2 mean invalid, bootstrap and frozen; the ring of normal xids goes from 2^32 - 1 to 3.
  const xid = onRing < FIRST_NORMAL_XID ? FIRST_NORMAL_XID : onRing;
  return `age(t.xmin) <= (SELECT age('${xid}'::xid)) AND age(t.xmin) >= 0`;
}

/** Rows without a stamp are read each time: nothing tells when they were written. */
function stampedSince(cursor: CursorBound, fromXid: string): string {
  const column = `t.${pg.escapeIdentifier(cursor.column)}`;
  const bound = cursor.mode === 'timestamp' ? stampLiteral(cursor.from) : xid8Literal(fromXid);
  return `(${column} >= ${bound} OR ${column} IS NULL)`;
}

/** Untyped, so that it takes the type of the column and its index can be used; the session's time zone is UTC. */
function stampLiteral(from: string): string {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/.test(from))
    throw new Error(`not a cursor bound: ${from}`);
  return `'${from}'`;
}

function xid8Literal(fromXid: string): string {
  return `'${BigInt(fromXid)}'::xid8`;
}

function inWindow(read: Extract<EntityRead, { mode: 'window' }>, type: string): string {
  const cast = windowType(type);
  if (!cast) {
    throw new TidemarkError(
      'DEFINITION_INVALID',
      `window column ${read.column} is ${type || 'unknown'}; use a date, timestamp or timestamptz column`,
    );
  }
  for (const date of [read.from, read.to]) {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) throw new Error(`not a date: ${date}`);
  }
  const column = `t.${pg.escapeIdentifier(read.column)}`;
  const bound = (date: string) => midnight(date, cast, read.timeZone ?? 'UTC');
  return `${column} >= ${bound(read.from)} AND ${column} < ${bound(read.to)}`;
}

/** Begin of a business date. Timestamps without time zone hold UTC, as everywhere in the lake. */
function midnight(date: string, cast: 'date' | 'timestamp' | 'timestamptz', timeZone: string): string {
  // The session's time zone is UTC, so a date cast to timestamptz is midnight UTC.
  if (cast === 'date' || timeZone === 'UTC') return `'${date}'::${cast}`;
  const instant = `('${date}'::timestamp AT TIME ZONE ${pg.escapeLiteral(timeZone)})`;
  return cast === 'timestamptz' ? instant : `(${instant} AT TIME ZONE 'UTC')`;
}

function windowType(type: string): 'date' | 'timestamp' | 'timestamptz' | null {
  if (type === 'date') return 'date';
  if (/^timestamp(\(\d\))? with time zone$/.test(type)) return 'timestamptz';
  if (/^timestamp(\(\d\))? without time zone$/.test(type)) return 'timestamp';
  return null;
}

/**
 * Why a watermark cannot be compared with the server's xids, in words; null when it can. Both cases need a
 * full read: a watermark ahead of the snapshot belongs to a history that this server has lost, and one too far
 * back is ambiguous on the ring. Cursor columns are not on the ring.
 */
export function describeBadWatermark(
  fromXid: string,
  snapshot: Snapshot,
  cursor?: CursorBound,
): string | null {
  const distance = BigInt(snapshot.xmax) - BigInt(fromXid);
  if (distance < 0n) {
    return `the watermark ${fromXid} lies ahead of the server's snapshot ${snapshot.text}: the server was restored or failed over to an older state`;
  }
  if (!cursor && distance >= MAX_XID_DISTANCE) {
    return `the watermark ${fromXid} is ${distance} transactions old, too many to tell old rows from new ones`;
  }
  return null;
}
