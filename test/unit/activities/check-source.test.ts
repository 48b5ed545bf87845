import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeCheckSource } from '../../../activities/check-source.ts';
import type { ActivityDeps } from '../../../activities/deps.ts';
import { definePipeline, type PipelineInput } from '../../../src/core/definition.ts';
import type { SourceColumn } from '../../../src/core/manifest.ts';
import { assemblePipeline, entityFingerprint } from '../../../src/core/pipeline.ts';
import type { SourceTable } from '../../../src/ports/source.ts';
import { extractManifest } from '../core/sample.ts';

const { snapshot, server } = extractManifest({});
const columns: readonly SourceColumn[] = [
  { name: 'id', type: 'integer', nullable: false },
  { name: 'city', type: 'text', nullable: true },
];
const table: SourceTable = {
  kind: 'table',
  relationIds: ['1'],
  columns,
  uniqueKeys: [['id']],
  schemaHash: 'h',
};
const note: SourceColumn = { name: 'note', type: 'text', nullable: true };

interface Case {
  readonly source?: PipelineInput['sources'][string];
  readonly entity?: Partial<PipelineInput['entities'][number]>;
  readonly table?: Partial<SourceTable> | null;
  readonly timeline?: number;
  /** The table as it was published; null for a publication of an older version. */
  readonly seen?: readonly SourceColumn[] | null;
}

/** Checks one entity that was published before, against a source as the case says. */
async function check(one: Case) {
  const definition = definePipeline({
    name: 'shop',
    sources: { erp: one.source ?? {} },
    entities: [
      {
        name: 'people',
        source: 'erp',
        table: 'public.people',
        key: ['id'],
        columns: { id: { type: 'integer', nullable: false }, city: { type: 'text' } },
        ...one.entity,
      },
    ],
  });
  const digest = createHash('sha256').update(entityFingerprint(definition.entities[0]!)).digest('hex');
  const base = {
    sequence: 4,
    entities: { people: { definitionDigest: digest } },
    watermarks: {
      people: {
        xid: '150',
        systemIdentifier: server.systemIdentifier,
        timeline: server.timeline,
        relationIds: ['1'],
        schemaHash: 'h',
        ...(one.seen === null ? {} : { seen: one.seen ?? columns }),
      },
    },
  };
  const written: string[] = [];
  const deps = {
    pipelines: new Map([['shop', assemblePipeline(definition, [], {})]]),
    zones: { raw: 's3://r', clean: 's3://c', curated: 's3://u', quarantine: 's3://q', state: 's3://s' },
    store: {
      read: async () => ({ text: JSON.stringify(base), etag: 'e' }),
      write: async (_uri: string, text: string) => void written.push(text),
    },
    sourceOf: () => ({
      introspect: async () => ({
        server: { ...server, timeline: one.timeline ?? server.timeline },
        snapshot,
        tables: { 'public.people': one.table === null ? null : { ...table, ...one.table } },
      }),
    }),
  } as unknown as ActivityDeps;
  const read = { mode: 'incremental', fromXid: '150' } as const;
  const plan = { baseSequence: 4, sources: [{ source: 'erp', entities: [{ name: 'people', read }] }] };
  const { plan: checked, verdict } = await makeCheckSource(deps)({
    pipeline: 'shop',
    kind: 'live',
    runKey: 'r2',
    plan,
  });
  const entity = checked.sources[0]!.entities[0]!;
  const evidence = JSON.parse(written[0]!) as { tables: Record<string, { drifts: object[] }> };
  return {
    entity,
    verdict,
    evidence,
    checks: verdict.findings.map((each) => `${each.severity} ${each.check}`),
  };
}

describe('checkSource', () => {
  it.each([
    ['goes on where nothing changed', {}, 'incremental', []],
    ['asks about a rewound source', { timeline: 2 }, 'full', ['critical SOURCE_REWOUND']],
    [
      'reads a rewound source whole by policy',
      { timeline: 2, source: { onRewind: 'full' } },
      'full',
      ['warning SOURCE_REWOUND'],
    ],
    ['reads a replaced table whole', { table: { relationIds: ['9'] } }, 'full', []],
    [
      'asks about a replaced table by policy',
      { table: { relationIds: ['9'] }, entity: { onRelationChange: 'gate' } },
      'full',
      ['critical RELATION_CHANGED'],
    ],
    [
      'goes on beside a new column',
      { table: { columns: [...columns, note], schemaHash: 'h2' } },
      'incremental',
      [],
    ],
    [
      'asks about a new column by policy',
      { table: { columns: [...columns, note], schemaHash: 'h2' }, entity: { onDrift: 'freeze' } },
      'incremental',
      ['critical SCHEMA_DRIFT'],
    ],
    [
      'reads whole what an older version published, when the digest changed',
      { seen: null, table: { columns: [...columns, note], schemaHash: 'h2' } },
      'full',
      [],
    ],
    [
      'goes on with what an older version published, when the digest is the same',
      { seen: null },
      'incremental',
      [],
    ],
    [
      'asks about a column that is gone',
      { table: { columns: columns.slice(0, 1), schemaHash: 'h2' } },
      'incremental',
      ['critical SCHEMA_DRIFT'],
    ],
  ] as [string, Case, string, string[]][])('%s', async (_, one, mode, expected) => {
    const { entity, checks, verdict } = await check(one);
    expect({ mode: entity.read.mode, checks }).toEqual({ mode, checks: expected });
    expect(verdict.allowed).toContain('approve');
  });

  it('plans the columns to read only where they are not those of the contract', async () => {
    expect((await check({})).entity).not.toHaveProperty('columns');
    const { entity } = await check({ table: { columns: columns.slice(0, 1), schemaHash: 'h2' } });
    expect(entity.columns).toEqual([{ name: 'id', type: 'integer' }]);
    expect(entity.schemaHash).toBe('h2');
  });

  it('plans a new column that is carried, and keeps the diff as evidence', async () => {
    const { entity, evidence, checks } = await check({
      table: { columns: [...columns, note], schemaHash: 'h2' },
      entity: { onDrift: 'evolve' },
    });
    expect(entity.columns?.at(-1)).toEqual({ name: 'note', type: 'text' });
    expect(checks).toEqual(['warning SCHEMA_DRIFT']);
    expect(evidence.tables.people!.drifts).toMatchObject([{ kind: 'added-nullable', column: 'note' }]);
  });

  it.each([
    ['no table', null],
    ['no key', { columns: columns.slice(1) }],
  ])('lets nobody approve %s', async (_, missing) => {
    const { verdict, checks } = await check({ table: missing });
    expect(checks).toContain('critical SCHEMA_DRIFT');
    expect(verdict.allowed).toEqual(['retry', 'skip', 'abort']);
  });
});
