import type pg from 'pg';
import type { Scenario, Schedule, Step } from './isolation-schedule.ts';
import type { ThrowawayPostgres } from './postgres.ts';

/**
 * Table that the sessions write. Every write gives `v` another value, and triggers keep the stamp and the xid of
 * the writing transaction, as the timestamp and xid8 cursors need them. `updated_at` is the time of the
 * transaction's start, as in most shops.
 */
export const ITEM_TABLE = `
  create sequence stamp;
  create table item (k integer primary key, v integer not null, gone boolean not null default false,
    updated_at timestamptz not null, written_by xid8 not null);
  create index on item (updated_at);
  create index on item (written_by);
  create function stamp_item() returns trigger language plpgsql as $$
  begin
    new.v := nextval('stamp');
    new.updated_at := now();
    new.written_by := pg_current_xact_id();
    return new;
  end $$;
  create trigger stamp_item before insert or update on item for each row execute function stamp_item()`;

/** Keys of one run of a scenario; each has its own, so that nothing has to be cleared away. */
const KEYS_A_RUN = 10;

/** Errors of a statement that lost a race; its transaction is rolled back by the steps that follow. */
const LOST_RACE = new Set(['23505', '25P02']);

/** Runs schedules on real connections, one for each session. */
export async function openSessions(server: ThrowawayPostgres, sessionCount: number) {
  const monitor = await server.connect();
  const sessions = await Promise.all(
    Array.from({ length: sessionCount }, async (_, number) => {
      const client = await server.connect();
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      return { number, client, pid: rows[0]!.pid, waiting: null as Waiting | null };
    }),
  );
  let runNumber = 0;

  /** Waits until a statement has ended, or the server says that its session waits for another one. */
  const settle = async (session: (typeof sessions)[number]) => {
    while (session.waiting !== null) {
      const { rows } = await monitor.query<{ isBlocked: boolean }>(
        'select cardinality(pg_blocking_pids($1)) > 0 as "isBlocked"',
        [session.pid],
      );
      const { isDone, error } = session.waiting;
      if (isDone) session.waiting = null;
      else if (rows[0]!.isBlocked) return;
      if (error !== null) throw error;
    }
  };
  const send = async (session: (typeof sessions)[number], statement: string) => {
    const waiting: Waiting = { isDone: false, error: null };
    session.waiting = waiting;
    session.client.query(statement).then(
      () => {
        waiting.isDone = true;
      },
      (error: { code?: string }) => {
        waiting.isDone = true;
        if (!LOST_RACE.has(error.code ?? '')) waiting.error = error;
      },
    );
    await settle(session);
    // What it held may have let others go on.
    for (const other of sessions) if (other !== session) await settle(other);
  };

  return {
    /**
     * Lays the scenario's rows and runs one schedule; `onExtract` is called while no statement is under way other
     * than those that wait for a lock. False when the order cannot happen, because a session whose turn
     * it was waited for another; all transactions are rolled back then. `beforeStep` is called before each statement.
     */
    async run(
      scenario: Scenario,
      schedule: Schedule,
      onExtract: () => Promise<unknown>,
      beforeStep: () => Promise<unknown> = async () => undefined,
    ): Promise<boolean> {
      const firstKey = ++runNumber * KEYS_A_RUN;
      await monitor.query('insert into item (k) select $1::int + i from generate_series(1, $2::int) i', [
        firstKey,
        scenario.rowCount,
      ]);
      const done = scenario.sessions.map(() => 0);
      for (const actor of schedule) {
        if (actor === 'extract') {
          await onExtract();
          continue;
        }
        const session = sessions[actor]!;
        if (session.waiting !== null) {
          await rollBackAll();
          return false;
        }
        await beforeStep();
        await send(session, statementOf(scenario.sessions[actor]![done[actor]!++]!, firstKey, actor));
      }
      if (sessions.some((each) => each.waiting !== null)) throw new Error(`${scenario.name}: ends in a wait`);
      return true;
    },
    /** Key before the first one of the current run; later runs have larger keys. */
    get firstKey() {
      return runNumber * KEYS_A_RUN;
    },
    /** Runs a query beside the sessions. */
    query: <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) =>
      monitor.query<Row>(text, values).then(({ rows }) => rows),
    async close(): Promise<void> {
      await Promise.all([monitor, ...sessions.map((each) => each.client)].map((client) => client.end()));
    },
  };

  async function rollBackAll(): Promise<void> {
    const { rows } = await monitor.query<{ gid: string }>('select gid from pg_prepared_xacts');
    for (const { gid } of rows) await monitor.query(`rollback prepared '${gid}'`);
    // Those that wait can be rolled back once the others have let go.
    const isFree = (each: (typeof sessions)[number]) => each.waiting === null;
    for (const session of [...sessions.filter(isFree), ...sessions.filter((each) => !isFree(each))]) {
      await settle(session);
      await send(session, 'rollback');
    }
  }
}

interface Waiting {
  isDone: boolean;
  error: unknown;
}

function statementOf(step: Step, firstKey: number, session: number): string {
  const key = 'row' in step ? firstKey + step.row : null;
  switch (step.kind) {
    case 'insert':
      return `insert into item (k) values (${key})`;
    case 'update':
      return `update item set v = 0 where k = ${key}`;
    case 'update after savepoint':
      return `savepoint a; update item set v = 0 where k = ${key}`;
    case 'delete':
      return `delete from item where k = ${key}`;
    case 'delete after savepoint':
      return `savepoint a; delete from item where k = ${key}`;
    case 'mark deleted':
      return `update item set gone = true where k = ${key}`;
    case 'mark deleted after savepoint':
      return `savepoint a; update item set gone = true where k = ${key}`;
    case 'unmark':
      return `update item set gone = false where k = ${key}`;
    case 'savepoint':
      return 'savepoint a';
    case 'rollback to':
      return 'rollback to a';
    case 'prepare transaction':
    case 'commit prepared':
    case 'rollback prepared':
      return `${step.kind} 'session-${session}'`;
    default:
      return step.kind;
  }
}
