import { beginRead } from './begin.ts';
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
  scope: AbortSignal,
): Promise<string[]> {
  const session = await openSession(options, APPLICATION_NAME, scope);
  const problems = await probeVersion(session);
  if (problems.length === 0) {
    await beginRead(session, options, { applicationName: APPLICATION_NAME });
    problems.push(...(await probeTables(session, tables)));
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
      'note: this is a standby: its snapshots do not tell how many transactions were in progress, so two extracts in the same place of history cannot be ordered; read from the primary where updates of one row may overlap',
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
