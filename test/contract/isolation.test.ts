import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPostgresSource } from '../../src/adapters/postgres/postgres-source.ts';
import type { EntityDefinition } from '../../src/core/definition.ts';
import { ITEM_TABLE, openSessions } from '../support/isolation.ts';
import { deletingEntities, followEntities, itemEntities } from '../support/isolation-cursors.ts';
import { type NaiveCursor, naiveCursors, naiveDeletes } from '../support/isolation-naive.ts';
import { describeSchedule, type Scenario, type Step, schedulesOf } from '../support/isolation-schedule.ts';
import { type Change, type CsvRow, createLake, type Lake } from '../support/lake-of-parts.ts';
import { startPostgres, type ThrowawayPostgres } from '../support/postgres.ts';

const LATEST = 'updated_at > max';
const UNSEEN = 'not visible in the previous snapshot';
const LARGER = 'xmin, merged by the larger updated_at';
const UNMARKED = 'reads what is not marked as deleted';
const LISTED = 'lists the keys before it reads the rows';
const TRACELESS = 'removes rows without a trace';

const begin: Step = { kind: 'begin' };
const commit: Step = { kind: 'commit' };
const rollback: Step = { kind: 'rollback' };
const rollbackTo: Step = { kind: 'rollback to' };
const prepare: Step = { kind: 'prepare transaction' };
const commitPrepared: Step = { kind: 'commit prepared' };
const update = (row: number): Step => ({ kind: 'update', row });
const updateInside = (row: number): Step => ({ kind: 'update after savepoint', row });
const insert = (row: number): Step => ({ kind: 'insert', row });
const remove = (row: number): Step => ({ kind: 'delete', row });
const removeInside = (row: number): Step => ({ kind: 'delete after savepoint', row });
const mark = (row: number): Step => ({ kind: 'mark deleted', row });
const markInside = (row: number): Step => ({ kind: 'mark deleted after savepoint', row });
const unmark = (row: number): Step => ({ kind: 'unmark', row });

interface Case extends Scenario {
  /** Orders that can happen; in the others a session would have to go on while it waits for another one. */
  readonly orders: number;
  /** In how many of them a naive cursor loses rows. */
  readonly loses: Readonly<Record<string, number>>;
}

const CASES: readonly Case[] = [
  {
    name: 'a long transaction beside a short one',
    rowCount: 2,
    sessions: [[begin, update(1), commit], [update(2)]],
    extractCount: 2,
    orders: 60,
    loses: { [LATEST]: 14 },
  },
  {
    name: 'a write after a savepoint',
    rowCount: 2,
    sessions: [[begin, updateInside(1), commit], [update(2)]],
    extractCount: 1,
    orders: 20,
    loses: { [LATEST]: 3, [UNSEEN]: 1 },
  },
  {
    name: 'a write that is rolled back to its savepoint, then one that stays',
    rowCount: 2,
    sessions: [[begin, updateInside(1), rollbackTo, updateInside(1), commit], [update(2)]],
    extractCount: 1,
    orders: 42,
    loses: { [LATEST]: 10, [UNSEEN]: 1 },
  },
  {
    name: 'a prepared transaction',
    rowCount: 2,
    sessions: [[begin, updateInside(1), prepare, commitPrepared], [update(2)]],
    extractCount: 1,
    orders: 30,
    loses: { [LATEST]: 6, [UNSEEN]: 3 },
  },
  {
    name: 'updated_at going backwards on one row',
    rowCount: 1,
    sessions: [[begin, update(1), commit], [update(1)]],
    extractCount: 1,
    orders: 20,
    loses: { [LATEST]: 2, [LARGER]: 2 },
  },
  {
    name: 'delete and insert again, each by itself',
    rowCount: 1,
    sessions: [[remove(1), insert(1)], [update(1)]],
    extractCount: 1,
    orders: 12,
    loses: {},
  },
  {
    name: 'delete and insert again in one transaction',
    rowCount: 1,
    sessions: [[begin, remove(1), insert(1), commit], [update(1)]],
    extractCount: 1,
    orders: 30,
    loses: { [LATEST]: 3, [LARGER]: 3 },
  },
  {
    name: 'an insert that is rolled back beside one of the same key',
    rowCount: 1,
    sessions: [[begin, insert(2), rollback], [insert(2)]],
    extractCount: 1,
    orders: 20,
    loses: {},
  },
];

/** Cases of `deletes: reconcile`. */
const HARD: readonly Case[] = [
  {
    name: 'a delete by a long transaction beside an insert',
    rowCount: 1,
    sessions: [[begin, remove(1), commit], [insert(2)]],
    extractCount: 1,
    orders: 20,
    loses: { [LISTED]: 3, [TRACELESS]: 15 },
  },
  {
    name: 'a delete after a savepoint that is rolled back, then one that stays',
    rowCount: 2,
    sessions: [[begin, removeInside(1), rollbackTo, removeInside(2), commit]],
    extractCount: 1,
    orders: 6,
    loses: { [LISTED]: 1, [TRACELESS]: 5 },
  },
  {
    name: 'a delete that is rolled back, then one that stays',
    rowCount: 1,
    sessions: [[begin, remove(1), rollback, remove(1)]],
    extractCount: 1,
    orders: 5,
    loses: { [TRACELESS]: 4 },
  },
  {
    name: 'delete, insert again and delete',
    rowCount: 1,
    sessions: [[remove(1), insert(1), remove(1)]],
    extractCount: 2,
    orders: 10,
    loses: { [TRACELESS]: 7 },
  },
  {
    name: 'delete and insert again by a prepared transaction',
    rowCount: 1,
    sessions: [[begin, remove(1), insert(1), prepare, commitPrepared]],
    extractCount: 1,
    orders: 6,
    loses: {},
  },
];

/** Cases of `deletes: soft`. */
const SOFT: readonly Case[] = [
  {
    name: 'a mark by a long transaction beside a write of the row',
    rowCount: 1,
    sessions: [[begin, mark(1), commit], [update(1)]],
    extractCount: 1,
    orders: 20,
    loses: { [UNMARKED]: 15 },
  },
  {
    name: 'a mark that is rolled back to its savepoint, then taken',
    rowCount: 1,
    sessions: [[begin, markInside(1), rollbackTo, markInside(1), commit]],
    extractCount: 1,
    orders: 6,
    loses: { [UNMARKED]: 5 },
  },
  {
    name: 'a mark, and the row shown again',
    rowCount: 1,
    sessions: [[mark(1), unmark(1)]],
    extractCount: 2,
    orders: 6,
    loses: {},
  },
];

const entities = itemEntities(0);

let server: ThrowawayPostgres;
let source: ReturnType<typeof createPostgresSource>;
let sessions: Awaited<ReturnType<typeof openSessions>>;

beforeAll(async () => {
  // A password of one iteration: most of the time of an extract of three rows would go into logging in.
  server = await startPostgres({ scram_iterations: '1' });
  await server.sql(ITEM_TABLE);
  source = createPostgresSource({ url: server.url(), name: 'shop' });
  sessions = await openSessions(server, 3);
});

afterAll(async () => {
  await sessions?.close();
  await source?.close();
  await server?.stop();
});

// By a cursor alone deleted rows stay (`deletes: ignore`), except where the whole table is read; in everything else all
// cursors hold in all cases, after each extract.
test.each(CASES.map((each) => [each.name, each] as const))(
  '%s: no cursor of ours loses a row in any order',
  async (_name, scenario) => {
    await sessions.query('truncate item');
    const ours = followEntities(source, entities, { parallel: 1 });
    const naive = naiveCursors(sessions.query);
    const lost: Record<string, number> = {};
    let orders = 0;

    for (const schedule of schedulesOf(scenario)) {
      const what = describeSchedule(scenario, schedule);
      const changes: ReadonlyMap<string, Change>[] = [];
      const extract = async () => {
        changes.push(await ours.run());
        for (const cursor of naive) await cursor.read();
        const rows = await itemsOf(sessions.firstKey);
        for (const [name, lake] of ours.lakes) expectLake(lake, rows, scenario, `${name}: ${what}`);
        return rows;
      };
      if (!(await sessions.run(scenario, schedule, extract))) continue;
      orders++;
      // One more in the quiet, unless the last one was.
      const rows = schedule.at(-1) === 'extract' ? await itemsOf(sessions.firstKey) : await extract();
      // Runs may be published in another order than they were read in.
      for (const { name, key } of entities) {
        const late = createLake(key);
        for (const change of changes.toReversed()) late.apply(change.get(name)!);
        expectLake(late, rows, scenario, `${name}, published backwards: ${what}`);
      }
      for (const cursor of naive) {
        const found = cursor.rows();
        const isRight = rows.every((row) => found.get(JSON.stringify([row.k]))?.v === row.v);
        if (!isRight) lost[cursor.name] = (lost[cursor.name] ?? 0) + 1;
        cursor.heal(rows);
      }
    }
    expect({ orders, loses: lost }).toEqual({ orders: scenario.orders, loses: scenario.loses });
  },
);

const [reconcile, soft] = deletingEntities() as [EntityDefinition, EntityDefinition];

/** Follows deletions through every order of a case, and counts the orders in which the naive ways end wrong. */
async function followDeletes(
  scenario: Case,
  entity: EntityDefinition,
  naive: ReturnType<typeof naiveDeletes>,
  cursor: NaiveCursor,
): Promise<{ orders: number; loses: Record<string, number> }> {
  await sessions.query('truncate item');
  const dir = await mkdtemp(join(tmpdir(), 'tidemark-isolation-'));
  const ours = followEntities(source, [entity], { parallel: 1 }, dir);
  const lake = ours.lakes.get(entity.name)!;
  const loses: Record<string, number> = {};
  let orders = 0;
  // The first read is whole; deletions are followed from the second on.
  await ours.run();
  for (const schedule of schedulesOf(scenario)) {
    const what = describeSchedule(scenario, schedule);
    const changes: Change[] = [];
    const extract = async () => {
      changes.push((await ours.run()).get(entity.name)!);
      await cursor.read();
      const rows = await shownItems();
      expect(shownRows(lake.rows()), what).toEqual(rows);
      return rows;
    };
    if (!(await sessions.run(scenario, schedule, extract, naive.listKeys))) continue;
    orders++;
    await naive.listKeys();
    const rows = await extract();
    const lose = (name: string, held: ReadonlyMap<string, CsvRow>) => {
      if (JSON.stringify(shownRows(held)) !== JSON.stringify(rows)) loses[name] = (loses[name] ?? 0) + 1;
    };
    lose(cursor.name, cursor.rows());
    cursor.heal(rows);

    // Runs may be published in another order than they were read in.
    const [late, traceless] = [createLake(entity.key), createLake(entity.key)];
    for (const change of changes.toReversed()) {
      late.apply(change);
      traceless.apply({ ...change, gone: [] });
      traceless.remove(change.gone ?? []);
    }
    expect(shownRows(late.rows()), `published backwards: ${what}`).toEqual(rows);
    lose(TRACELESS, traceless.rows());
  }
  await ours.close();
  await rm(dir, { recursive: true });
  return { orders, loses };
}

test.each(HARD.map((each) => [each.name, each] as const))(
  '%s: deletes by comparison hold after each extract, whatever the order of publication',
  async (_name, scenario) => {
    const naive = naiveDeletes(sessions.query);
    const { orders, loses } = scenario;
    expect(await followDeletes(scenario, reconcile, naive, naive.listed)).toEqual({ orders, loses });
  },
);

test.each(SOFT.map((each) => [each.name, each] as const))(
  '%s: deletes by a mark hold after each extract, whatever the order of publication',
  async (_name, scenario) => {
    const naive = naiveDeletes(sessions.query);
    const { orders, loses } = scenario;
    expect(await followDeletes(scenario, soft, naive, naive.unmarked)).toEqual({ orders, loses });
  },
);

/** Rows of the current run that are not marked as deleted, as text. */
function shownItems(): Promise<CsvRow[]> {
  return sessions.query<Record<string, string>>(
    'select k::text, v::text from item where k > $1 and not gone order by item.k',
    [sessions.firstKey],
  );
}

/** The same of a lake. */
function shownRows(rows: ReadonlyMap<string, CsvRow>): CsvRow[] {
  return [...rows.values()]
    .filter(({ k, gone }) => Number(k) > sessions.firstKey && gone !== 't')
    .map(({ k, v }) => ({ k: k!, v: v! }))
    .sort((a, b) => Number(a.k) - Number(b.k));
}

/** Rows of the current run, as text. */
function itemsOf(firstKey: number): Promise<CsvRow[]> {
  return sessions.query<Record<string, string>>(
    'select k::text, v::text from item where k > $1 order by item.k',
    [firstKey],
  );
}

/** Fails unless the lake's rows of the current run are the source's, apart from deleted rows that only `full` can see. */
function expectLake(lake: Lake, source: readonly CsvRow[], scenario: Scenario, what: string): void {
  const deleted = scenario.sessions
    .flat()
    .flatMap((step) => (step.kind === 'delete' ? [String(sessions.firstKey + step.row)] : []))
    .filter((k) => !source.some((row) => row.k === k));
  const held = [...lake.rows().values()]
    .filter(({ k }) => Number(k) > sessions.firstKey && (what.startsWith('full') || !deleted.includes(k!)))
    .map(({ k, v }) => ({ k, v }))
    .sort((a, b) => Number(a.k) - Number(b.k));
  expect(held, what).toEqual(source);
}
