import { describe, expect, it } from 'vitest';
import { checkDecision, checkSignature, describeEffects, type Gate } from '../../../src/core/gate.ts';

const DIGEST = '0123456789abcdef'.repeat(4);

const gate: Gate = {
  id: 'raw-1',
  stage: 'raw',
  severity: 'critical',
  title: 't',
  findings: [],
  findingCount: 0,
  allowed: ['approve', 'abort'],
  effects: {},
  evidenceUri: null,
  evidenceDigest: DIGEST,
  openedAt: '2024-01-02T00:00:00Z',
  decision: null,
};
const decided: Gate = {
  ...gate,
  decision: { gate: 'raw-1', action: 'approve', by: 'ann', reason: 'ok', at: 'T', evidenceDigest: 'e1' },
};
const second: Gate = { ...gate, id: 'raw-2' };
const by = { reason: 'looked', by: 'ann' };
const NOW = Date.parse('2024-01-02T00:00:00Z');

describe('checkDecision', () => {
  it('takes the one open gate when none is named', () => {
    expect(checkDecision([decided, second], 'approve', by, NOW)).toEqual({ ok: true, gate: second });
  });

  it('takes the digest that a refusal of stale evidence names', () => {
    const stale = checkDecision([gate], 'approve', { ...by, evidenceDigest: 'old' }, NOW);
    const evidenceDigest = stale.ok ? '' : / --evidence (\S+)$/.exec(stale.refusal)![1]!;
    expect(checkDecision([gate], 'approve', { ...by, evidenceDigest }, NOW)).toEqual({ ok: true, gate });
  });

  it.each([
    ['no reason', [gate], 'approve', { ...by, reason: ' ' }, /reason is missing; add --reason/],
    ['no person', [gate], 'approve', { ...by, by: '' }, /add --by NAME/],
    ['no open gate', [decided], 'approve', by, /^no gate is open/],
    ['two open gates', [gate, second], 'approve', by, /2 gates are open; name one with --gate: raw-1, raw-2/],
    ['an unknown gate', [gate], 'approve', { ...by, gate: 'x' }, /no gate "x"; gates of this run: raw-1/],
    ['a decided gate', [decided], 'abort', { ...by, gate: 'raw-1' }, /already decided: approve by ann at T/],
    [
      'stale evidence',
      [gate],
      'approve',
      { ...by, evidenceDigest: 'old' },
      new RegExp(`evidence is stale: .* gate raw-1 and decide anew with --evidence ${DIGEST}$`),
    ],
    [
      'an action that is not offered',
      [gate],
      'skip',
      by,
      /skip is not possible at gate raw-1; possible are approve, abort/,
    ],
  ] as const)('refuses with %s', (_, gates, action, request, expected) => {
    const check = checkDecision(gates, action, request, NOW);
    expect(check).toMatchObject({ ok: false, refusal: expect.stringMatching(expected) });
  });
});

describe('describeEffects at contract', () => {
  const found = (check: string, subject: string, severity: 'critical' | 'info' = 'critical') => ({
    check,
    severity,
    subject,
    column: null,
    message: 'm',
    rowCount: null,
    failedCount: null,
    sampleKeys: [],
  });
  it.each([
    [[found('SOURCE_REWOUND', 'erp')], /^reads every entity of erp whole and replaces/],
    [[found('RELATION_CHANGED', 'orders')], /^reads orders whole, marked/],
    [
      [found('RELATION_CHANGED', 'items', 'info'), found('SCHEMA_DRIFT', 'orders')],
      /^goes on with the contract of orders: a missing column is NULL/,
    ],
    [
      [found('RELATION_CHANGED', 'items'), found('SCHEMA_DRIFT', 'orders'), found('SCHEMA_DRIFT', 'orders')],
      /^reads items whole; goes on with the contract of orders:/,
    ],
  ])('an approval says what it does %#', (findings, text) => {
    expect(describeEffects('contract', ['approve'], [], findings).approve).toMatch(text);
  });
});

describe('describeEffects', () => {
  it('describes the allowed actions alone', () => {
    expect(Object.keys(describeEffects('raw', ['retry', 'abort'], []))).toEqual(['retry', 'abort']);
  });

  it('says what is left out, and what stands', () => {
    expect(describeEffects('raw', ['skip'], ['orders']).skip).toMatch(
      /^leaves out orders: stays on its last good/,
    );
    expect(describeEffects('audit', ['skip'], ['orders']).skip).toMatch(/^leaves this run out/);
    expect(describeEffects('load', ['abort'], []).abort).toMatch(/the publication stands/);
    expect(describeEffects('clean', ['abort'], []).abort).toMatch(/nothing is published/);
  });
});

describe('checkSignature', () => {
  it('refuses a reason that would not fit alerts and ledger', () => {
    expect(checkSignature({ reason: 'x'.repeat(1_001), by: 'ann' })).toMatch(
      /1001 characters; use at most 1000/,
    );
    expect(checkSignature({ reason: 'x'.repeat(1_000), by: 'ann' })).toBeNull();
  });
});

it('says at the brake how many rows an approval deletes', () => {
  const held = {
    check: 'delete-brake',
    severity: 'critical' as const,
    subject: 'stock',
    column: null,
    message: 'gone',
    rowCount: 2000,
    failedCount: 1111,
    sampleKeys: [],
  };
  const { approve } = describeEffects('raw', ['approve'], ['stock'], [held]);
  expect(approve).toMatch(/^deletes 1111 rows of stock and goes on with this data/);
});
