import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Gate } from '../../src/core/gate.ts';
import type { Publication } from '../../src/core/publication.ts';
import type { RunOutcome } from '../../src/core/run.ts';
import { type RunningPipeline, startPipeline } from './running-pipeline.ts';
import { openPlaces, type Places } from './three-places.ts';

const PIPELINE = fileURLToPath(new URL('../support/pipelines/help-desk/pipeline.ts', import.meta.url));
const BOTH = ['help_desk_spectrum', 'help_desk'];

describe('a source whose tables change between runs', () => {
  const env: Record<string, string> = { ...inject('stackEnv'), TIDEMARK_PIPELINES: PIPELINE };
  const url = new URL(env.TIDEMARK_LOCAL_SHOP_ADMIN_URL!);
  url.pathname = '/help_desk';
  let desk: pg.Client | undefined;
  let places: Places | undefined;
  let pipeline: RunningPipeline | undefined;
  const publications: Publication[] = [];

  async function run(kind: 'full' | 'live'): Promise<RunOutcome> {
    const outcome = await pipeline!.run(kind);
    publications.push((await places!.publication('help_desk'))!);
    return outcome;
  }

  async function facts(columns: string): Promise<unknown[]> {
    const [spectrum, native] = await Promise.all(
      BOTH.map((schema) => places!.ask(`SELECT ${columns} FROM ${schema}.ticket_fact ORDER BY ticket_id`)),
    );
    expect(native).toEqual(spectrum);
    return native!;
  }

  const generations = ({ tables }: Publication) =>
    Object.fromEntries(tables.ticket_fact!.partitions.map(({ value, generation }) => [value, generation]));

  beforeAll(async () => {
    places = await openPlaces(env);
    const admin = new pg.Client({ connectionString: env.TIDEMARK_LOCAL_SHOP_ADMIN_URL });
    await admin.connect();
    try {
      await admin.query('DROP DATABASE IF EXISTS help_desk');
      await admin.query('CREATE DATABASE help_desk');
    } finally {
      await admin.end();
    }
    desk = new pg.Client({ connectionString: url.href });
    await desk.connect();
    await desk.query(
      `CREATE TABLE tickets (ticket_id int PRIMARY KEY, team varchar(20) NOT NULL, minutes int, urgency smallint, subject varchar(100));
       CREATE TABLE agents (agent_id int PRIMARY KEY, team varchar(20));
       INSERT INTO tickets SELECT n, CASE WHEN n <= 3 THEN 'blue' ELSE 'red' END, n * 10, n, 'ticket ' || n FROM generate_series(1, 6) n;
       INSERT INTO agents VALUES (1, 'blue'), (2, 'red')`,
    );
    pipeline = await startPipeline({
      pipeline: 'help_desk',
      env: { ...env, HELP_DESK_URL: url.href },
      dir: inject('stackDir'),
    });
    await run('full');
  });

  afterAll(async () => {
    await pipeline?.stop();
    await desk?.end();
    places?.close();
  });

  it('carries a new column to Spectrum and native tables, and leaves older partitions as they are', async () => {
    await desk!.query(
      `ALTER TABLE tickets ADD COLUMN channel text, ADD COLUMN cost numeric(8,3);
       UPDATE tickets SET channel = 'phone', cost = 1.250 WHERE ticket_id = 5`,
    );
    expect(await run('live')).toMatchObject({ state: 'published', extracted: { tickets: 1, agents: 0 } });

    expect(await facts('ticket_id, channel, CAST(cost AS VARCHAR(20))')).toEqual([
      ...['1', '2', '3', '4'].map((id) => [id, null, null]),
      ['5', 'phone', '1.250'],
      ['6', null, null],
    ]);
    const [first, second] = publications;
    expect(generations(second!).blue).toBe(generations(first!).blue);
    expect(generations(second!).red).not.toBe(generations(first!).red);
    expect(second!.evolved).toEqual({
      tickets: [
        { name: 'channel', type: 'text' },
        { name: 'cost', type: 'numeric(8,3)' },
      ],
    });
    expect(second!.rowHistory!.tickets).toEqual([
      { runKind: 'full', rowCount: 6 },
      { runKind: 'live', rowCount: 1 },
    ]);
  });

  it('changes nothing when it is run again', async () => {
    const before = await facts('*');
    expect(await run('live')).toMatchObject({ state: 'published', extracted: { tickets: 0, agents: 0 } });
    expect(generations(publications.at(-1)!)).toEqual(generations(publications.at(-2)!));
    expect(publications.at(-1)!.evolved).toEqual(publications.at(-2)!.evolved);
    expect(await facts('*')).toEqual(before);
  });

  it('makes a native table anew whose columns are not those of its model', async () => {
    const before = await facts('*');
    await places!.warehouse.execute('ALTER TABLE help_desk.ticket_fact ADD COLUMN stray INTEGER');
    await places!.warehouse.execute('DELETE FROM help_desk.ticket_fact WHERE ticket_id = 2');
    await run('live');
    expect(await facts('*')).toEqual(before);
  });

  it('waits with the diff when columns and tables are not there any more, and goes on with the contract when told to', async () => {
    await desk!.query(
      `ALTER TABLE tickets DROP COLUMN urgency;
       UPDATE tickets SET minutes = 99 WHERE ticket_id = 1;
       ALTER TABLE agents RENAME TO agents_old;
       CREATE TABLE agents (agent_id int PRIMARY KEY, team varchar(20));
       INSERT INTO agents VALUES (1, 'green')`,
    );
    const { gate, decide } = await pipeline!.runToGate('live');
    const { critical, effects } = describeGate(gate);
    expect(gate.stage).toBe('contract');
    expect(critical).toEqual([
      expect.stringMatching(/^RELATION_CHANGED agents: public\.agents is not what was read/),
      expect.stringMatching(
        /^SCHEMA_DRIFT tickets\.urgency: removed: - smallint; approve: NULL in rows read from now on/,
      ),
    ]);
    expect(effects.approve).toMatch(/^reads agents whole; goes on with the contract of tickets/);

    await decide('approve', 'the desk has moved on');
    // What was read before keeps its values; what is read from now on has none in columns that are gone.
    expect(await facts('ticket_id, minutes, urgency, channel')).toEqual([
      ['1', '99', null, null],
      ...[2, 3, 4].map((id) => [`${id}`, `${id}0`, `${id}`, null]),
      ['5', '50', '5', 'phone'],
      ['6', '60', '6', null],
    ]);
    for (const schema of BOTH)
      expect(await places!.ask(`SELECT * FROM ${schema}.agent_dimension`), schema).toEqual([['1', 'green']]);
  });

  it('does not ask again what was approved', async () => {
    expect(await run('live')).toMatchObject({ state: 'published', decisions: [] });
  });

  it('tells of a column that was renamed, and of the DDL that its new name would lead to', async () => {
    await desk!.query('ALTER TABLE tickets RENAME COLUMN subject TO title');
    const { gate, decide } = await pipeline!.runToGate('live');
    expect(describeGate(gate).critical).toEqual([
      expect.stringMatching(
        /^SCHEMA_DRIFT tickets\.subject: renamed-candidate: - varchar\(100\).*perhaps renamed to title/,
      ),
    ]);
    expect(gate.findings.map((each) => each.message)).toContainEqual(
      expect.stringContaining('ALTER TABLE "help_desk"."ticket_fact" ADD COLUMN "title" VARCHAR(400)'),
    );
    expect(await decide('skip', 'the definition follows')).toMatchObject({ state: 'skipped' });
    expect(await places!.publication('help_desk')).toEqual(publications.at(-1));
  });
});

function describeGate({ findings, effects }: Gate) {
  const critical = findings
    .filter((each) => each.severity === 'critical')
    .map((each) => `${each.check} ${each.subject}${each.column ? `.${each.column}` : ''}: ${each.message}`)
    .sort();
  return { critical, effects };
}
