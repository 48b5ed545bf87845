import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/core/verdict.ts';
import {
  applyWaivers,
  checkTerms,
  grantWaivers,
  isInForce,
  nextWaivers,
  type Waiver,
  whyNotWaivable,
} from '../../../src/core/waiver.ts';

const finding: Finding = {
  check: 'expect_column_values_to_be_between',
  severity: 'critical',
  subject: 'orders',
  column: 'total',
  rule: 'min_value 0',
  message: '30 of 90 rows fail',
  rowCount: 90,
  failedCount: 30,
  sampleKeys: [],
};
const NOW = '2024-01-02T00:00:00.000Z';
const nowMs = Date.parse(NOW);
const until = '2024-01-09T00:00:00.000Z';
const decision = { by: 'ann', reason: 'promotion', at: NOW };
const [waiver] = nextWaivers([], 'r1', [{ ...decision, waiver: grantWaivers({ until }, [finding]) }], NOW);

describe('terms', () => {
  it.each([
    ['no end', { maxUnexpected: 5 } as never, /needs an end; add --until/],
    ['an end in no zone', { until: '2024-01-09' }, /not an instant in UTC/],
    ['an end that has passed', { until: '2024-01-01T00:00:00Z' }, /has passed/],
    ['an end in years', { until: '2026-01-01T00:00:00Z' }, /the longest is 366 days/],
    ['half a row', { until, maxUnexpected: 0.5 }, /is not a whole number/],
    ['less than fails now', { until, maxUnexpected: 29 }, /less than what fails already \(30 rows\)/],
  ])('are refused with %s', (_, terms, refusal) => {
    expect(checkTerms(terms, [finding], nowMs)).toMatch(refusal);
  });

  it('are taken with an end and a limit that holds', () => {
    expect(checkTerms({ until, maxUnexpected: 30 }, [finding], nowMs)).toBeNull();
    expect(checkTerms({ until }, [finding], nowMs)).toBeNull();
  });
});

describe('a delete brake', () => {
  const brake: Finding = { ...finding, check: 'delete-brake', column: null, rule: undefined };

  it('cannot be waived: the refusal says why, and what to change', () => {
    expect(whyNotWaivable([finding, brake])).toMatch(
      /brake of orders cannot be waived.*approve without --until/,
    );
    expect(whyNotWaivable([finding])).toBeNull();
    expect(whyNotWaivable([{ ...brake, severity: 'warning' }])).toBeNull();
  });

  it('holds in spite of a waiver that an older version granted', () => {
    const [granted] = nextWaivers([], 'r1', [{ ...decision, waiver: grantWaivers({ until }, [brake]) }], NOW);
    expect(granted).toMatchObject({ check: 'delete-brake' });
    expect(applyWaivers([brake], [granted!], NOW)).toEqual({ findings: [brake], waived: [] });
  });
});

describe('a waiver', () => {
  it('covers each critical finding of its gate, by default up to what failed', () => {
    const warning: Finding = { ...finding, column: 'note', severity: 'warning' };
    expect(grantWaivers({ until }, [finding, warning]).checks).toEqual([
      expect.objectContaining({ column: 'total', maxUnexpected: 30 }),
    ]);
    expect(grantWaivers({ until, maxUnexpected: 50 }, [finding]).checks[0]!.maxUnexpected).toBe(50);
  });

  const cases: readonly [string, Partial<Finding>, Partial<Waiver>, string, RegExp | null][] = [
    ['the same failure', {}, {}, NOW, null],
    ['fewer rows', { failedCount: 3 }, {}, NOW, null],
    ['one row more', { failedCount: 31 }, {}, NOW, /beyond the 30 rows that ann waived until/],
    ['rows that cannot be counted', { failedCount: null }, {}, NOW, /beyond the 30 rows/],
    ['the instant of its end', {}, {}, until, /its waiver by ann ended at 2024-01-09/],
    ['a revocation', {}, { revoked: { by: 'bob', reason: 'x', at: 'T' } }, NOW, /was revoked by bob at T/],
    ['another column', { column: 'tax' }, {}, NOW, /^30 of 90 rows fail$/],
    ['other arguments of the check', { rule: 'min_value 5' }, {}, NOW, /^30 of 90 rows fail$/],
    ['a check that could not be done', { rule: 'could not be checked' }, {}, NOW, /^30 of 90 rows fail$/],
  ];
  it.each(cases)('meets %s', (_, change, waiverChange, at, message) => {
    const { findings, waived } = applyWaivers(
      [{ ...finding, ...change }],
      [{ ...waiver!, ...waiverChange }],
      at,
    );
    if (message === null) {
      expect(findings).toEqual([]);
      expect(waived).toMatchObject([{ waiver: { id: 'r1/1', by: 'ann', until, maxUnexpected: 30 } }]);
    } else {
      expect(waived).toEqual([]);
      expect(findings[0]!.message).toMatch(message);
    }
  });

  it('is replaced by a later one of the same check, and forgotten a month after its end', () => {
    const later = {
      ...decision,
      by: 'bob',
      waiver: grantWaivers({ until: '2024-02-01T00:00:00Z' }, [finding]),
    };
    expect(nextWaivers([waiver!], 'r2', [later], NOW)).toMatchObject([{ id: 'r2/1', by: 'bob' }]);
    expect(nextWaivers([waiver!], 'r2', [decision], '2024-02-07T00:00:00Z')).toHaveLength(1);
    expect(nextWaivers([waiver!], 'r2', [decision], '2024-02-09T00:00:00Z')).toHaveLength(0);
  });

  it('is in force until its end or revocation', () => {
    expect(isInForce(waiver!, NOW)).toBe(true);
    expect(isInForce(waiver!, until)).toBe(false);
    expect(isInForce({ ...waiver!, revoked: { by: 'b', reason: 'r', at: NOW } }, NOW)).toBe(false);
  });
});
