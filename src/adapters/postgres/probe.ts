import type { TableCursor } from '../../ports/source.ts';
import { beginRead } from './begin.ts';
import { describeBlindness } from './cursor-bound.ts';
import { describeCursorColumn } from './cursor-column.ts';
import { describeTables } from './describe-tables.ts';
import { describeMissingExport } from './export-part.ts';
import { describeDenial, locateTables } from './locate-tables.ts';
import { readServer } from './read-server.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';
import { readSnapshot } from './snapshot.ts';
import { quoteTable } from './table-name.ts';

const APPLICATION_NAME = 'tidemark doctor';
const MIN_VERSION = 140_000;
/** Transactions between the oldest in progress and the newest; every incremental read repeats their rows. */
const MAX_BACKLOG = 100_000n;

/** Looks for what would stop or spoil an extract; problems in words, notes begin with `note:`. */
export async function probe(
  options: SessionOptions,
  tables: readonly string[],
  { cursors, isExported }: { readonly cursors: readonly TableCursor[]; readonly isExported: boolean },
  scope: AbortSignal,
): Promise<string[]> {
  const session = await openSession(options, APPLICATION_NAME, scope);
  const problems = await probeVersion(session);
  if (problems.length === 0) {
    await beginRead(session, options, { applicationName: APPLICATION_NAME });
    problems.push(...(await probeTables(session, tables)));
    problems.push(...(await probeCursors(session, cursors)));
    const exportProblem = isExported ? await describeMissingExport(session) : null;
    if (exportProblem) problems.push(exportProblem);
    problems.push(...(await probeIdentity(session)));
    problems.push(...(await probeHorizon(session)));
  }
  await session.close();
  return problems.map((problem) => `${session.target}: ${problem}`);
}

async function probeVersion(session: Session): Promise<string[]> {
  const [row] = await session.query<{ number: number; text: string }>(
    `SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS text`,
  );
  return row!.number >= MIN_VERSION ? [] : [`PostgreSQL ${row!.text} is too old; 14 or newer is needed`];
}

async function probeTables(session: Session, tables: readonly string[]): Promise<string[]> {
  const located = await locateTables(session, tables);
  const problems: string[] = [];
  for (const table of tables) {
    const found = located.find((each) => each.table === table);
    const problem = found ? describeDenial(found) : `no table ${table}`;
    if (problem) problems.push(problem);
    else if (found!.isReadable) {
      // Privileges of a view's owner and of what it reads show only when it is planned.
      const refused = await tryStatement(session, `SELECT FROM ${quoteTable(found!)} LIMIT 0`);
      if (refused) problems.push(`${table} cannot be read: ${refused}`);
    }
  }
  return problems;
}

async function probeCursors(session: Session, cursors: readonly TableCursor[]): Promise<string[]> {
  if (cursors.length === 0) return [];
  const problems: string[] = [];
  const described = await describeTables(
    session,
    await locateTables(session, [...new Set(cursors.map((each) => each.table))]),
  );
  for (const cursor of cursors) {
    const found = described[cursor.table];
    if (!found) continue;
    const isThere = found.columns.some((each) => each.name === cursor.column);
    const problem = isThere
      ? describeCursorColumn(cursor, found.columns)
      : `the cursor's column ${cursor.column} does not exist`;
    if (problem) problems.push(`${cursor.table}: ${problem}`);
    else if (!(await hasIndexOn(session, found.located.oid, cursor.column))) {
      problems.push(
        `note: ${cursor.table} has no index that begins with ${cursor.column}, so each run scans the table`,
      );
    }
  }
  if (cursors.some((each) => each.mode === 'timestamp')) {
    const blindness = await describeBlindness(session);
    if (blindness) problems.push(`a timestamp cursor ${blindness.reason}`);
    const [prepared] = await session.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM pg_prepared_xacts WHERE database = current_database()',
    );
    if (prepared!.count > 0) {
      problems.push(
        `note: ${prepared!.count} prepared transaction(s) hold the bound of timestamp cursors where it is until they end`,
      );
    }
  }
  return problems;
}

async function hasIndexOn(session: Session, oid: string, column: string): Promise<boolean> {
  const rows = await session.query(
    `SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
      WHERE i.indrelid = $1::oid AND i.indisvalid AND i.indpred IS NULL AND a.attname = $2`,
    [oid, column],
  );
  return rows.length > 0;
}

async function probeIdentity(session: Session): Promise<string[]> {
  const server = await readServer(session);
  const problems: string[] = [];
  if (server.systemIdentifier.startsWith('unknown:') || server.timeline === 0) {
    problems.push(
      'note: the role may not run pg_control_system() or pg_control_checkpoint(), so a restored copy of this database is not told from the original: GRANT EXECUTE on both',
    );
  }
  if (server.isStandby) {
    problems.push(
      'note: this is a standby: runs on it must follow one another, never overlap, and must not alternate with reads from the primary; long reads may be cancelled by recovery and are then continued (docs/extraction.md)',
    );
  }
  return problems;
}

/** What holds the watermark back: it costs repeated rows, never a lost one. */
async function probeHorizon(session: Session): Promise<string[]> {
  const notes: string[] = [];
  const { xmin, xmax } = await readSnapshot(session);
  const backlog = BigInt(xmax) - BigInt(xmin);
  if (backlog > MAX_BACKLOG) {
    notes.push(
      `note: the oldest transaction in progress is ${backlog} transactions old; rows written since are read again by each run until it ends`,
    );
  }
  const [prepared] = await session.query<{ count: number; minutes: number | null }>(
    `SELECT count(*)::int AS count, (extract(epoch FROM max(now() - prepared)) / 60)::int AS minutes
       FROM pg_prepared_xacts WHERE now() - prepared > interval '1 hour'`,
  );
  if (prepared!.count > 0) {
    notes.push(
      `note: ${prepared!.count} prepared transaction(s) wait for COMMIT PREPARED or ROLLBACK PREPARED, the oldest for ${prepared!.minutes} minutes; rows written since are read again by each run`,
    );
  }
  // Of other roles' sessions only members of pg_read_all_stats see the start; the backlog above tells of the rest.
  const [long] = await session.query<{ count: number; minutes: number | null }>(
    `SELECT count(*)::int AS count, (extract(epoch FROM max(now() - xact_start)) / 60)::int AS minutes
       FROM pg_stat_activity
      WHERE backend_type = 'client backend' AND backend_xid IS NOT NULL AND now() - xact_start > interval '1 hour'`,
  );
  if (long!.count > 0) {
    notes.push(
      `note: ${long!.count} writing transaction(s) have been open for over an hour, the oldest for ${long!.minutes} minutes; rows written since are read again by each run`,
    );
  }
  return notes;
}

async function tryStatement(session: Session, text: string): Promise<string | null> {
  await session.query('SAVEPOINT attempt');
  try {
    await session.query(text);
    return null;
  } catch (error) {
    await session.query('ROLLBACK TO SAVEPOINT attempt');
    return (error as Error).message;
  }
}
