import { expect, test } from 'vitest';
import { runLanes } from '../../../src/adapters/spark-checks/query-lanes.ts';

const answers = (queries: readonly string[]) => queries.map((query) => ({ rows: [[query.toUpperCase()]] }));

test('lanes that wait are answered together, each with its own answers, until all have ended', async () => {
  const rounds: string[][] = [];
  const lane =
    (name: string, count: number) =>
    async (ask: (queries: readonly string[]) => Promise<readonly unknown[]>) => {
      const seen: unknown[] = [];
      for (let round = 1; round <= count; round++)
        seen.push(...(await ask([`${name}${round}`, `${name}${round}b`])));
      return seen.length;
    };
  const found = await runLanes([lane('x', 2), lane('y', 1), lane('z', 0)], async (queries) => {
    rounds.push([...queries]);
    return answers(queries);
  });
  expect(found).toEqual([4, 2, 0]);
  expect(rounds).toEqual([
    ['x1', 'x1b', 'y1', 'y1b'],
    ['x2', 'x2b'],
  ]);
});

test('a round that fails ends the lanes with its reason', async () => {
  const asking = (ask: (queries: readonly string[]) => Promise<unknown>) => ask(['q']);
  await expect(runLanes([asking, asking], () => Promise.reject(new Error('cluster gone')))).rejects.toThrow(
    'cluster gone',
  );
});

test('no lanes ask nothing', async () => {
  expect(await runLanes([], () => Promise.reject(new Error('asked')))).toEqual([]);
});
