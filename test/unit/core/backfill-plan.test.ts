import { expect, test } from 'vitest';
import { renderPlan } from '../../../scripts/tidemark/backfill-plan.ts';
import { type BackfillInput, chunkName } from '../../../src/core/backfill.ts';
import { type BackfillFacts, planChunks, planText } from '../../../src/core/backfill-plan.ts';
import type { Publication } from '../../../src/core/publication.ts';

const input: BackfillInput = {
  pipeline: 'shop',
  from: '2024-01-01',
  to: '2024-05-01',
  chunk: 'P1M',
  mode: 'missing',
};

const chunks: Publication['chunks'] = {
  '2024-01-01..2024-02-01': { runKey: 'backfill-a', publishedAt: '2024-04-02T00:00:00Z' },
  '2024-02-01..2024-03-01': {
    runKey: 'backfill-b',
    publishedAt: '2024-04-02T00:00:00Z',
    approvedBy: ['ann'],
  },
};

const facts: BackfillFacts = {
  publication: { chunks } as Publication,
  failures: new Map([
    ['2024-01-01..2024-02-01', { reason: 'aborted', at: '2024-04-01T00:00:00Z' }],
    ['2024-03-01..2024-04-01', { reason: 'aborted by ann', at: '2024-04-03T00:00:00Z' }],
  ]),
  today: '2024-04-10',
};

const todo = (mode: BackfillInput['mode'], isBackwards = false) =>
  planChunks({ ...input, mode, isBackwards }, facts)
    .filter((each) => each.isTodo)
    .map((each) => chunkName(each.window).slice(0, 10));

test('missing does what no publication holds, failed what failed last, all everything', () => {
  expect(todo('missing')).toEqual(['2024-03-01', '2024-04-01']);
  expect(todo('failed')).toEqual(['2024-03-01']);
  expect(todo('all')).toEqual(['2024-01-01', '2024-02-01', '2024-03-01', '2024-04-01']);
  expect(todo('missing', true)).toEqual(['2024-04-01', '2024-03-01']);
});

test('a chunk that was published after it failed is no failure any more', () => {
  expect(planChunks(input, facts).map((each) => each.state)).toEqual([
    'published',
    'published',
    'failed',
    'missing',
  ]);
});

test('conflicts name live runs on the same days and people who approved what is there', () => {
  const found = planChunks({ ...input, mode: 'all' }, facts).map((each) => each.conflicts.join());
  expect(found).toEqual([
    '',
    expect.stringContaining('approved by ann'),
    '',
    expect.stringContaining('live runs still write'),
  ]);
});

test('the digest changes with what would be done, not with what is there beside it', () => {
  const text = (change: Partial<BackfillInput>, other = facts) =>
    planText({ ...input, ...change }, planChunks({ ...input, ...change }, other));
  const base = text({});
  expect(text({ parallel: 7 })).toBe(base);
  expect(text({ mode: 'all' })).not.toBe(base);
  expect(text({ entities: ['orders'] })).not.toBe(base);
  const later = { ...chunks, '2024-03-01..2024-04-01': { runKey: 'c', publishedAt: '2024-04-04T00:00:00Z' } };
  expect(text({}, { ...facts, publication: { chunks: later } as unknown as Publication })).not.toBe(base);
});

test('a plan reads chunk by chunk, with what is there, the rows to read and the command to start it', () => {
  const planned = planChunks(input, facts).map((each, nth) => ({
    ...each,
    chunk: chunkName(each.window),
    rows: each.isTodo ? nth : 0,
  }));
  const text = renderPlan(input, 'abc', planned);
  expect(text).toContain('2024-03-01..2024-04-01  failed 2024-04-03T00:00:00Z: aborted by ann');
  expect(text).toContain('2 of 4 chunks, about 5 rows to read; plan abc');
  expect(text).toContain(
    'backfill start shop --from 2024-01-01 --to 2024-05-01 --chunk P1M --mode missing --plan abc',
  );
});
