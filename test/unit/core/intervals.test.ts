import { describe, expect, test } from 'vitest';
import { type IntervalRun, judgeIntervals, type RunState } from '../../../src/core/intervals.ts';

const day = (n: number) => `2026-03-${String(n).padStart(2, '0')}T02:00:00Z`;

function run(n: number, state: RunState, extra: Partial<IntervalRun> = {}): IntervalRun {
  return { run: `run-${n}`, kind: 'live', state, at: day(n), startedAt: day(n), ...extra };
}

/** Each interval as `state`, `state<by` or `state!` for a gap. */
function judge(days: number[], runs: IntervalRun[], options = {}): string[] {
  return judgeIntervals(days.map(day), runs, options).map(
    ({ state, coveredBy, isGap }) => `${state}${coveredBy ? `<${coveredBy.run}` : ''}${isGap ? '!' : ''}`,
  );
}

describe('what became of an interval', () => {
  test.each<[string, IntervalRun[], string[]]>([
    ['nothing', [], ['missed!', 'missed!', 'missed!']],
    [
      'all',
      [run(1, 'published'), run(2, 'published'), run(3, 'published')],
      ['published', 'published', 'published'],
    ],
    [
      'a missed one is covered by the next',
      [run(1, 'published'), run(3, 'published')],
      ['published', 'missed<run-3', 'published'],
    ],
    ['not by an earlier one', [run(1, 'published')], ['published', 'missed!', 'missed!']],
    ['a run under way covers in time', [run(3, 'waiting')], ['missed<run-3', 'missed<run-3', 'waiting']],
    [
      'a published one is named before',
      [run(2, 'running'), run(3, 'published')],
      ['missed<run-3', 'running', 'published'],
    ],
    [
      'failed and aborted need a later one',
      [run(1, 'failed'), run(2, 'aborted')],
      ['failed!', 'aborted!', 'missed!'],
    ],
    [
      'which may come',
      [run(1, 'failed'), run(2, 'aborted'), run(3, 'published')],
      ['failed<run-3', 'aborted<run-3', 'published'],
    ],
    [
      'to skip was decided',
      [run(1, 'skipped'), run(2, 'skipped'), run(3, 'skipped')],
      ['skipped', 'skipped', 'skipped'],
    ],
    ['a failed one does not cover', [run(3, 'failed')], ['missed!', 'missed!', 'failed!']],
    [
      'a backfill never covers',
      [run(3, 'published', { kind: 'backfill' })],
      ['missed!', 'missed!', 'missed!'],
    ],
    [
      'of two runs the one that got further counts',
      [run(1, 'failed'), run(1, 'published', { run: 'again' })],
      ['published', 'missed!', 'missed!'],
    ],
    [
      'a run covers up to its start, whatever its own interval',
      [run(1, 'published', { startedAt: day(2) }), run(2, 'failed')],
      ['published', 'failed<run-1', 'missed!'],
    ],
  ])('%s', (_, runs, expected) => {
    expect(judge([1, 2, 3], runs)).toEqual(expected);
  });

  test('with jitter a time is later than that of its run', () => {
    const runs = [run(1, 'published', { at: '2026-03-01T01:45:00Z', startedAt: day(1) })];
    expect(judge([1], runs)).toEqual(['missed<run-1']);
    expect(judge([1], runs, { toleranceMs: 1_800_000 })).toEqual(['published']);
  });

  test('what the server has forgotten is no gap', () => {
    expect(judge([1, 2], [], { knownFrom: day(2) })).toEqual(['forgotten', 'missed!']);
  });
});
