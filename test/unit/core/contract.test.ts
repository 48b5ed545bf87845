import { describe, expect, it } from 'vitest';
import { type ContractRequest, judgeContract } from '../../../src/core/contract.ts';
import { definePipeline, type EntityDefinition, type EntityInput } from '../../../src/core/definition.ts';
import { evolveEntity } from '../../../src/core/evolve.ts';
import type { SourceColumn } from '../../../src/core/manifest.ts';
import { shopInput } from './sample.ts';

const COLUMNS: readonly SourceColumn[] = [
  { name: 'order_id', type: 'bigint', nullable: false },
  { name: 'total', type: 'numeric(12,2)', nullable: true },
  { name: 'ordered_at', type: 'timestamp with time zone', nullable: true },
  { name: 'state', type: 'order_state', nullable: true, enumLabels: ['new', 'paid'] },
];
const POLICIES = ['evolve', 'freeze', 'ignore'] as const;

function entityOf(change: Partial<EntityInput> = {}): EntityDefinition {
  const input = shopInput();
  input.entities[0] = {
    ...input.entities[0]!,
    columns: { ...input.entities[0]!.columns, state: { type: 'text' } },
    ...change,
  };
  return definePipeline(input).entities[0]!;
}

function judge(now: readonly SourceColumn[] | null, change: Partial<ContractRequest> = {}) {
  return judgeContract({
    entity: entityOf(),
    read: { mode: 'incremental', fromXid: '1' },
    table: now && { columns: now, uniqueKeys: [['order_id']] },
    seen: COLUMNS,
    isContractNew: false,
    hasChanged: false,
    statementsFor: ({ name }) => [`ALTER ${name}`],
    ...change,
  });
}

const without = (name: string) => COLUMNS.filter((column) => column.name !== name);
const changed = (name: string, change: Partial<SourceColumn>) =>
  COLUMNS.map((column) => (column.name === name ? { ...column, ...change } : column));
const plus = (column: SourceColumn, columns = COLUMNS) => [...columns, column];
const note: SourceColumn = { name: 'note', type: 'text', nullable: true };

describe('a table as the contract and the last run know it', () => {
  it.each(POLICIES)('is nothing to tell of under %s', (onDrift) => {
    const { findings, reread, columns } = judge(COLUMNS, { entity: entityOf({ onDrift }) });
    expect({ findings, reread, names: columns.map((each) => each.name) }).toEqual({
      findings: [],
      reread: null,
      names: ['order_id', 'total', 'ordered_at', 'state'],
    });
  });
});

/** Severities under evolve, freeze, ignore; whether the entity is read whole (under evolve). */
const TABLE: readonly (readonly [
  name: string,
  now: readonly SourceColumn[],
  kind: string,
  severities: readonly [string, string, string],
  isReread: boolean,
  message: RegExp,
])[] = [
  ['a new column', plus(note), 'added-nullable', ['warning', 'critical', 'info'], false, /\+ text/],
  [
    'a new column that is NOT NULL',
    plus({ ...note, nullable: false, hasMissingValue: true }),
    'added-not-null',
    ['warning', 'critical', 'info'],
    true,
    /\+ text/,
  ],
  [
    'a column that is gone',
    without('total'),
    'removed',
    ['critical', 'critical', 'critical'],
    false,
    /- numeric\(12,2\); approve: NULL in rows read from now on.*definition: or remove columns\.total/,
  ],
  [
    'a number that became wider than the contract',
    changed('total', { type: 'numeric(14,2)' }),
    'widened',
    ['critical', 'critical', 'critical'],
    true,
    /~ numeric\(12,2\) -> numeric\(14,2\); approve: values that do not fit go to quarantine.*'numeric\(14,2\)'/,
  ],
  [
    'a number that became narrower',
    changed('total', { type: 'numeric(10,2)' }),
    'narrowed',
    ['info', 'critical', 'info'],
    true,
    /~ numeric\(12,2\) -> numeric\(10,2\)/,
  ],
  [
    'another kind of type',
    changed('ordered_at', { type: 'date' }),
    'retyped',
    ['critical', 'critical', 'critical'],
    true,
    /~ timestamptz -> date/,
  ],
  [
    'a new label',
    changed('state', { enumLabels: ['new', 'paid', 'sent'] }),
    'enum-value-added',
    ['info', 'critical', 'info'],
    false,
    /\+ sent/,
  ],
  [
    'a label that is gone',
    changed('state', { enumLabels: ['new'] }),
    'enum-value-removed',
    ['info', 'critical', 'info'],
    true,
    /- paid; the entity is read whole/,
  ],
  [
    'a column that may no longer be NULL',
    changed('total', { nullable: false }),
    'not-null',
    ['info', 'critical', 'info'],
    false,
    /~ NULL -> NOT NULL/,
  ],
  [
    'a column that was made anew with a default',
    changed('total', { hasMissingValue: true }),
    'added-nullable',
    ['info', 'critical', 'info'],
    true,
    /read whole/,
  ],
];

describe.each(TABLE)('%s', (_, now, kind, severities, isReread, message) => {
  it.each(POLICIES.map((policy, nth) => [policy, severities[nth]!] as const))(
    'under %s is %s',
    (onDrift, severity) => {
      const verdict = judge(now, { entity: entityOf({ onDrift }) });
      expect(verdict.drifts.map((each) => each.kind)).toEqual([kind]);
      expect(verdict.findings).toMatchObject([{ check: 'SCHEMA_DRIFT', subject: 'orders', severity }]);
      expect(verdict.findings[0]!.message).toMatch(message);
      expect(verdict.isApprovable).toBe(true);
    },
  );

  it(`${isReread ? 'needs' : 'needs no'} full read`, () => {
    const { reread } = judge(now, { entity: entityOf({ onDrift: 'evolve' }) });
    expect(reread !== null).toBe(isReread);
  });
});

describe('renamed-candidate', () => {
  const renamed = changed('total', { name: 'amount' });

  it('is one column gone and one new of its type', () => {
    const { findings, drifts, columns } = judge(renamed);
    expect(drifts[0]).toMatchObject({ kind: 'renamed-candidate', column: 'total', candidate: 'amount' });
    expect(findings[0]).toMatchObject({ severity: 'critical', column: 'total' });
    expect(findings[0]!.message).toMatch(/perhaps renamed to amount/);
    expect(columns.map((each) => each.name)).toEqual(['order_id', 'ordered_at', 'state']);
  });

  it('says that old rows lose the column when the new one brings the entity to be read whole', () => {
    const seen = COLUMNS.map((column, nth) => ({ ...column, position: nth + 1 }));
    const now = seen.map((column) => (column.name === 'total' ? { ...column, name: 'amount' } : column));
    const { findings, reread } = judge(now, { entity: entityOf({ onDrift: 'evolve' }), seen });
    expect(reread).toMatch(/amount was total before/);
    expect(findings.find((each) => each.column === 'total')?.message).toMatch(/NULL in ALL rows/);
  });

  it.each([
    ['two new ones of the type', plus({ name: 'more', type: 'numeric(12,2)', nullable: true }, renamed)],
    ['another type', changed('total', { name: 'amount', type: 'numeric(9,1)' })],
  ])('is not told for %s', (_, now) => {
    expect(judge(now).drifts.map((each) => each.kind)).not.toContain('renamed-candidate');
  });
});

describe('evolve', () => {
  const entity = entityOf({ onDrift: 'evolve' });

  it('carries a new column behind the contract, and shows the DDL', () => {
    const { columns, statements, findings } = judge(plus(note), { entity });
    expect(columns.at(-1)).toEqual({ name: 'note', type: 'text' });
    expect(statements).toEqual(['ALTER note']);
    expect(findings[0]!.message).toMatch(/carried as text; Redshift: ALTER note$/);
  });

  it.each([
    ['a type of the database itself as text', { type: 'order_state' }, 'text'],
    ['a number as such', { type: 'numeric(8,3)' }, 'numeric(8,3)'],
  ])('carries %s', (_, change, type) => {
    expect(judge(plus({ ...note, ...change }), { entity }).columns.at(-1)).toEqual({ name: 'note', type });
  });

  it.each([
    ['was left out of the contract from the start', { seen: plus(note) }, note],
    ['has the name of a derived column', {}, { ...note, name: 'month' }],
    ['has a name that other places cannot have', {}, { ...note, name: 'Note' }],
    [
      'is read by a window, which moves nothing of what was last seen',
      { read: { mode: 'window', column: 'ordered_at', from: '2024-01-01', to: '2024-02-01' } as const },
      note,
    ],
    ['nothing is known of the last run', { seen: null }, note],
  ])('carries no column that %s', (_, change, column) => {
    const { columns, findings } = judge(plus(column), { entity, ...change });
    expect(columns.map((each) => each.name)).toEqual(['order_id', 'total', 'ordered_at', 'state']);
    // A column that an earlier run has told of is not told again.
    expect(findings.map((each) => each.severity)).toEqual('seen' in change && change.seen ? [] : ['info']);
  });

  it('keeps a carried column, and asks when it is gone', () => {
    const carried = evolveEntity(entity, [{ name: 'note', type: 'text' }]);
    expect(judge(plus(note), { entity: carried, seen: plus(note) }).findings).toEqual([]);
    expect(judge(COLUMNS, { entity: carried, seen: plus(note) }).findings).toMatchObject([
      { severity: 'critical', column: 'note' },
    ]);
  });
});

describe('a breach of the contract', () => {
  it.each([
    ['that was approved before warns', { seen: without('total') }, 'warning'],
    ['of a new contract asks', { seen: without('total'), isContractNew: true }, 'critical'],
    ['in the first run asks', { seen: null, isContractNew: true }, 'critical'],
  ])('%s', (_, change, severity) => {
    expect(judge(without('total'), change).findings).toMatchObject([{ severity, column: 'total' }]);
  });

  it.each([
    ['no table', null, {}],
    ['no key', without('order_id'), {}],
    [
      'no column of the cursor',
      without('ordered_at'),
      { cursor: { mode: 'timestamp', column: 'ordered_at' } },
    ],
    ['no mark of deleted rows', without('state'), { deletes: { mode: 'soft', column: 'state' } }],
    ['no column that is NOT NULL', without('total'), { columns: requiredTotal() }],
  ] as [string, SourceColumn[] | null, Partial<EntityInput>][])(
    'cannot be approved with %s',
    (_, now, change) => {
      const verdict = judge(now, { entity: entityOf(change), seen: null });
      expect(verdict.isApprovable).toBe(false);
      expect(verdict.findings[0]!.severity).toBe('critical');
    },
  );
});

function requiredTotal(): EntityInput['columns'] {
  const { columns } = shopInput().entities[0]!;
  return { ...columns, state: { type: 'text' }, total: { type: 'numeric(12,2)', nullable: false } };
}

it('reads a column of the contract whole that is back at the source', () => {
  const { reread, findings } = judge(COLUMNS, { seen: without('total') });
  expect(reread).toMatch(/total is back/);
  expect(findings.map((each) => each.severity)).toEqual(['info']);
});

it('freezes also what an older version kept no description of', () => {
  const entity = entityOf({ onDrift: 'freeze' });
  expect(judge(COLUMNS, { entity, seen: null, hasChanged: true }).findings).toMatchObject([
    { severity: 'critical', message: expect.stringMatching(/kept no description/) },
  ]);
});

it.each([
  ['warns in the first run', { seen: null }, 'warning'],
  ['warns when the definition changed', { isContractNew: true }, 'warning'],
  ['warns when the table changed', { hasChanged: true }, 'warning'],
  ['keeps a note of it later', {}, 'info'],
])('a key that the source does not keep unique %s', (_, change, severity) => {
  const table = { columns: COLUMNS, uniqueKeys: [['order_id', 'total']] };
  const { findings } = judge(COLUMNS, { table, ...change });
  expect(findings.at(-1)).toMatchObject({ check: 'contract', severity });
});

it('tells of NULLs that the contract refuses', () => {
  const nullable = changed('order_id', { nullable: true });
  expect(judge(nullable, { seen: nullable }).findings).toMatchObject([
    { check: 'contract', severity: 'info' },
  ]);
});

describe('types of contract and source', () => {
  it.each([
    ['bigint', 'integer', null],
    ['integer', 'bigint', 'critical'],
    ['numeric(12,2)', 'numeric(10,1)', null],
    ['numeric(12,2)', 'numeric(12,3)', 'critical'],
    ['numeric(12,2)', 'numeric', 'warning'],
    ['varchar(20)', 'varchar(10)', null],
    ['varchar(20)', 'varchar(30)', 'warning'],
    ['varchar(20)', 'text', 'warning'],
    ['text', 'integer', null],
    ['varchar(20)', 'citext', null],
    ['bigint', 'citext', 'critical'],
  ])('contract %s, source %s: %s', (wanted, found, severity) => {
    const { columns } = shopInput().entities[0]!;
    const entity = entityOf({ columns: { ...columns, state: { type: 'text' }, value: { type: wanted } } });
    const now = plus({ name: 'value', type: found, nullable: true });
    const { findings } = judge(now, { entity, seen: null });
    expect(findings.map((each) => each.severity)).toEqual(severity === null ? [] : [severity]);
  });
});
