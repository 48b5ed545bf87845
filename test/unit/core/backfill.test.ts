import { describe, expect, it } from 'vitest';
import { chunkName, splitRange } from '../../../src/core/backfill.ts';

const names = (from: string, to: string, chunk: string) => splitRange(from, to, chunk).map(chunkName);

describe('splitRange', () => {
  it.each(['P1D', 'P3D', 'P1W', 'P1M', 'P5M', 'P1Y', 'P9999D'])(
    '%s leaves no gap and no overlap',
    (chunk) => {
      for (const [from, to] of [
        ['2023-01-31', '2024-03-01'],
        ['2024-02-28', '2024-03-01'],
        ['1999-12-31', '2001-01-01'],
      ] as const) {
        const windows = splitRange(from, to, chunk);
        expect(windows[0]!.from).toBe(from);
        expect(windows.at(-1)!.to).toBe(to);
        windows.forEach((window, index) => {
          expect(window.from < window.to).toBe(true);
          if (index > 0) expect(window.from).toBe(windows[index - 1]!.to);
        });
      }
    },
  );

  it('comes back to the end of the month after a short one', () => {
    expect(names('2024-01-31', '2024-04-30', 'P1M')).toEqual([
      '2024-01-31..2024-02-29',
      '2024-02-29..2024-03-31',
      '2024-03-31..2024-04-30',
    ]);
  });

  it('goes over leap days and ends of years', () => {
    expect(names('2024-02-28', '2024-03-01', 'P1D')).toEqual([
      '2024-02-28..2024-02-29',
      '2024-02-29..2024-03-01',
    ]);
    expect(names('2024-02-29', '2026-02-28', 'P1Y')).toEqual([
      '2024-02-29..2025-02-28',
      '2025-02-28..2026-02-28',
    ]);
    expect(names('2023-12-01', '2024-02-01', 'P1M')).toEqual([
      '2023-12-01..2024-01-01',
      '2024-01-01..2024-02-01',
    ]);
  });

  it.each([
    ['2024-01-02', '2024-01-02', 'P1D', /is not before/],
    ['2024-02-30', '2024-03-02', 'P1D', /from "2024-02-30" is not a date/],
    ['2024-01-01', 'soon', 'P1D', /to "soon" is not a date; use YYYY-MM-DD/],
    ['2024-01-01', '2024-02-01', 'P0D', /is not a duration; use P1D/],
    ['2024-01-01', '2024-02-01', 'PT1H', /is not a duration/],
  ])('refuses %s to %s by %s', (from, to, chunk, expected) => {
    expect(() => splitRange(from, to, chunk)).toThrow(expected);
  });
});
