import { postgresHash } from '../../core/row-hash.ts';
import type { Drill, KeyBucket } from '../../ports/source.ts';
import type { EntityJob } from './entity-job.ts';
import { type PartContext, readPart } from './read-part.ts';
import type { Session } from './session.ts';
import { quoteTable } from './table-name.ts';

/** Comparing the entities of an extract with the lake, under the extract's snapshot, once their parts are stored. */
export interface Comparisons {
  /**
   * Each reader calls it once its other work is done; it takes what is left to compare. A reader with nothing to
   * compare comes back at once, the others when all readers have stored their parts.
   */
  join(context: PartContext): Promise<void>;
  /** By entity that was compared; complete when all readers have come back. */
  readonly drills: Readonly<Record<string, Drill>>;
}

/** Plans the comparison of every job that asks for one. */
export function planComparisons(jobs: readonly EntityJob[], readerCount: number): Comparisons {
  const waiting = jobs.filter((job) => job.entity.compare);
  const drills: Record<string, Drill> = {};
  let arrivedCount = 0;
  let open: () => void;
  const allStored = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    drills,
    join: async (context) => {
      const { session, scope } = context;
      arrivedCount += 1;
      if (arrivedCount === readerCount) open();
      for (let job = waiting.shift(); job; job = waiting.shift()) {
        const buckets = await readBuckets(session, job);
        await orAborted(allStored, scope);
        const differing = await context.request.compareBuckets!(job.entity.name, job.parts, buckets);
        drills[job.entity.name] = await readDrill(job, differing, context);
      }
    },
  };
}

/** Count and sum of hashes by bucket of the key's hash. OFFSET 0 keeps PostgreSQL from computing a hash for each use of it. */
async function readBuckets(session: Session, job: EntityJob): Promise<KeyBucket[]> {
  const { compare, key, columns } = job.entity;
  const isKeys = compare!.kind === 'keys';
  const rowHash = isKeys ? '' : `, ${postgresHash(columns.map(({ name }) => name))} AS h`;
  const rows = await session.query<{ bucket: number; count: string; sum: string }>(
    `SELECT (k & ${compare!.bucketCount - 1})::int AS bucket, count(*)::text AS count, sum(${isKeys ? 'k' : 'h'})::text AS sum
       FROM (SELECT ${postgresHash(key)} AS k${rowHash} FROM ${quoteTable(job.table.located)} AS t OFFSET 0) AS hashed GROUP BY 1`,
    [],
    Number.POSITIVE_INFINITY,
  );
  return rows.map(({ bucket, count, sum }) => ({ bucket, rowCount: Number(count), sum }));
}

/** Reads the rows of buckets, or their keys, as a part of its own beside the entity's. */
async function readDrill(job: EntityJob, buckets: readonly number[], context: PartContext): Promise<Drill> {
  if (buckets.length === 0) return { buckets, parts: [], csvBytes: 0 };
  const { compare, key } = job.entity;
  const keyHash = postgresHash(key);
  const part = job.nextPart++;
  const first = { from: 0, to: null };
  const drill: EntityJob = {
    ...job,
    filter: `(${keyHash} & ${compare!.bucketCount - 1})::int = ANY ('{${buckets.join(',')}}'::int[])`,
    select: compare!.kind === 'keys' ? `${keyHash} AS _key` : undefined,
    ranges: [],
    taken: new Map([[part, { ranges: [first], csvBytes: 0 }]]),
    parts: [],
    finished: [],
    onFinished: () => undefined,
    rowCount: 0,
    csvBytes: 0,
  };
  await readPart({ kind: 'part', job: drill, part, first }, context);
  return { buckets, parts: [drill.parts[part]!], csvBytes: drill.csvBytes };
}

/** Another reader's failure ends the wait: the parts that it owed never come. */
async function orAborted(work: Promise<void>, scope: AbortSignal): Promise<void> {
  scope.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const stop = () => reject(scope.reason);
    scope.addEventListener('abort', stop, { once: true });
    work.then(() => {
      scope.removeEventListener('abort', stop);
      resolve();
    });
  });
}
