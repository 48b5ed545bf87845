import { describe, expect, it } from 'vitest';
import { canonicalDecimal, compareTotals } from '../../../src/core/reconcile.ts';

describe('canonicalDecimal', () => {
  it.each([
    ['1.50', '1.5'],
    ['+1.5', '1.5'],
    ['007', '7'],
    ['-0.00', '0'],
    ['0', '0'],
    ['0.10', '0.1'],
    ['-12.340', '-12.34'],
    ['100', '100'],
    ['99999999999999999999.99', '99999999999999999999.99'],
    ['NaN', 'NaN'],
    [null, '0'],
  ])('%s is %s', (text, expected) => {
    expect(canonicalDecimal(text)).toBe(expected);
  });
});

describe('compareTotals', () => {
  const source = { place: 'source', rowCount: 2, sums: { total: '10.50', tax: null } } as const;
  const messages = (other: object) =>
    compareTotals({ subject: 'orders', places: [source, { ...source, place: 'native', ...other }] }).map(
      (each) => each.message,
    );

  it.each([
    ['the same number in another spelling', { sums: { total: '10.5', tax: '0' } }, []],
    ['a measure that the other place lacks', { sums: {} }, []],
    ['a missing row', { rowCount: 1 }, ['source has 2 rows, native has 1']],
    ['a cent', { sums: { total: '10.51' } }, ['sum is 10.5 in source, 10.51 in native']],
  ])('%s', (_, other, expected) => {
    expect(messages(other)).toEqual(expected);
  });

  it('has nothing to say of no places', () => {
    expect(compareTotals({ subject: 'orders', places: [] })).toEqual([]);
  });
});

describe('rows that the source has deleted', () => {
  const place = (name: 'source' | 'lake' | 'native', rowCount: number) => ({
    place: name,
    rowCount,
    sums: {},
  });

  it('are told of, and do not hold the run', () => {
    const places = [place('source', 9), place('lake', 10)];
    const findings = compareTotals({ subject: 'orders', places, mayHoldDeleted: true });
    expect(findings.map((each) => each.severity)).toEqual(['warning']);
  });

  it('hold the run where deletions were followed', () => {
    const findings = compareTotals({ subject: 'orders', places: [place('source', 9), place('lake', 10)] });
    expect(findings.map((each) => each.severity)).toEqual(['critical']);
  });

  it('are another matter than rows that the lake lacks', () => {
    const findings = compareTotals({
      subject: 'orders',
      places: [place('source', 10), place('lake', 9)],
      mayHoldDeleted: true,
    });
    expect(findings.map((each) => each.severity)).toEqual(['critical']);
  });
});
