import type { Answer, SampleRequest } from './check.ts';

/** One reading for the samples that several checks want of a source. */
export interface SharedSample {
  readonly sql: string;
  readonly limits: readonly number[];
  /** The share of each request. */
  readonly split: (picked: readonly Answer[]) => Answer[];
}

/** Each row says by marks which requests it is for, as far as they reach; equal items are read once. */
export function shareSample(requests: readonly SampleRequest[], from: string): SharedSample {
  const items = [...new Set(requests.flatMap((request) => request.items))];
  const wanted = requests.map((request) => request.items.map((item) => items.indexOf(item)));
  const conditions = requests.map(({ condition, reach }) =>
    reach === null ? `coalesce(${condition}, false)` : `(b.rn < ${reach} and coalesce(${condition}, false))`,
  );
  return {
    sql: `select ${[...conditions, ...items].join(', ')} from ${from} where ${conditions.join(' or ')}`,
    limits: requests.map(({ limit }) => limit),
    split: (picked) =>
      wanted.map((indexes, at) => ({
        rows: picked[at]!.rows.map((row) => indexes.map((index) => row[index] ?? null)),
      })),
  };
}
