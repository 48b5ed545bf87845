import { TidemarkError } from '../../core/errors.ts';
import type { EntityExtract, Snapshot } from '../../core/manifest.ts';
import type { EntityToExtract, ExtractRequest, ExtractResult } from '../../ports/source.ts';
import { beginRead } from './begin.ts';
import { planComparisons } from './compare-source.ts';
import { nextCursorFrom, readStampBound, type StampBound } from './cursor-bound.ts';
import { describeTables, readMembers } from './describe-tables.ts';
import { type EntityJob, takeTask } from './entity-job.ts';
import { exportPart, requireExport } from './export-part.ts';
import { type LocatedTable, locateTables, requireAccess } from './locate-tables.ts';
import { planJobs } from './plan-jobs.ts';
import type { RateLimit } from './rate-limit.ts';
import { type PartContext, readPart } from './read-part.ts';
import { readServer } from './read-server.ts';
import { readTotals } from './read-totals.ts';
import { requireReadable } from './require-readable.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';
import { exportSnapshot, readReplayed, readSnapshot } from './snapshot.ts';
import { watchSessions } from './watch-sessions.ts';

const DEFAULT_PARALLEL = 2;
const PROGRESS_INTERVAL_MS = 1_000;

/** How a source is read. */
export interface ReadOptions {
  readonly rateLimit: RateLimit | null;
  readonly partSizeBytes: number;
  /** Null when rows are streamed through the worker. */
  readonly exportRegion: string | null;
}

/**
 * Reads all entities of a request under one exported snapshot, or what earlier tries have left of them; everything
 * opened ends with `scope`.
 */
export async function extract(
  options: SessionOptions,
  { rateLimit, partSizeBytes, exportRegion }: ReadOptions,
  request: ExtractRequest,
  uploads: Set<Promise<unknown>>,
  scope: AbortSignal,
): Promise<ExtractResult> {
  const { applicationName } = request;
  const coordinator = await openSession(options, applicationName, scope);
  await beginRead(coordinator, options, { applicationName });
  const lock = (await locateAll(coordinator, request.entities)).filter(isLockable);
  if (exportRegion !== null) await requireExport(coordinator);
  // Before the snapshot, see there; the second transaction takes it.
  const needsBound = request.entities.some((each) => each.cursor && each.read.mode !== 'window');
  const bound = needsBound ? await readStampBound(coordinator) : null;
  const replayed = await readReplayed(coordinator);
  await coordinator.query('COMMIT');
  await beginRead(coordinator, options, { applicationName, lock });
  // Once more under the locks: a name may have been given to another table in between.
  const located = await locateAll(coordinator, request.entities);
  const snapshot = await readSnapshot(coordinator, replayed);
  const { isStandby: _, ...server } = await readServer(coordinator);
  const tables = await describeTables(coordinator, located);
  for (const entity of request.entities) {
    requireReadable(coordinator.target, entity, tables[entity.table]!, snapshot);
  }
  const { jobs, snapshots } = planJobs(request, tables, { server, snapshot, partSizeBytes });

  const exported = await exportSnapshot(coordinator);
  const taskCount = jobs.reduce((sum, job) => sum + job.ranges.length + (job.hasTotalsTaken ? 0 : 1), 0);
  const readers = new Map<number, Session>();
  await Promise.all(
    Array.from({ length: Math.min(request.parallel ?? DEFAULT_PARALLEL, taskCount) }, async () => {
      const reader = await openSession(options, applicationName, scope);
      // Between two parts a reader waits for the store, which may take longer than an idle session is allowed.
      const idleTimeoutMs = options.statementTimeoutMs;
      await beginRead(reader, options, { applicationName, snapshot: exported, lock, idleTimeoutMs });
      const [row] = await reader.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      readers.set(row!.pid, reader);
    }),
  );

  const comparisons = planComparisons(jobs, readers.size);
  const report = reportProgress(request);
  const watch = new AbortController();
  const stopWatch = () => watch.abort();
  scope.addEventListener('abort', stopWatch, { once: true });
  const reading = Promise.all(
    [...readers].map(async ([pid, session]) => {
      const context: PartContext = { session, request, rateLimit, scope, uploads, onChunk: report };
      await runTasks(jobs, context, exportRegion);
      await comparisons.join(context);
      // Its transaction holds back the source's vacuum, so it ends before the others are done.
      readers.delete(pid);
      await session.close();
    }),
  ).finally(stopWatch);
  const onAlive = () => {
    for (const job of jobs) if (!job.totals) report(job, true);
  };
  await Promise.all([
    reading,
    watchSessions({
      coordinator,
      readers,
      idleTimeoutMs: options.idleTimeoutMs,
      scope: watch.signal,
      onAlive,
    }),
  ]);

  await coordinator.query('COMMIT');
  await beginRead(coordinator, options, { applicationName });
  await requireSameMembers(coordinator, jobs);
  await coordinator.close();
  const entities = jobs.map((job) => [job.entity.name, toExtract(job, snapshots[0], bound)] as const);
  const [first, ...later] = snapshots;
  return {
    server,
    snapshot: first,
    ...(later.length > 0 && { laterSnapshots: later }),
    drills: comparisons.drills,
    entities: Object.fromEntries(entities),
  };
}

async function runTasks(
  jobs: readonly EntityJob[],
  context: PartContext,
  exportRegion: string | null,
): Promise<void> {
  for (let task = takeTask(jobs); task; task = takeTask(jobs)) {
    if (task.kind === 'totals') await readTotals(context.session, task.job);
    else if (exportRegion !== null) await exportPart(task, context, exportRegion);
    else await readPart(task, context);
    context.request.onProgress(progressOf(task.job));
  }
}

async function locateAll(session: Session, entities: readonly EntityToExtract[]): Promise<LocatedTable[]> {
  const tables = [...new Set(entities.map((each) => each.table))];
  const located = await locateTables(session, tables);
  const missing = tables.filter((table) => !located.some((each) => each.table === table));
  if (missing.length > 0) {
    throw new TidemarkError('SOURCE_TABLE_MISSING', `${session.target}: no table ${missing.join(', ')}`);
  }
  requireAccess(session, located);
  return located;
}

/** LOCK TABLE takes tables and views only, and needs SELECT on the whole of them. */
function isLockable(table: LocatedTable): boolean {
  return table.isReadable && ['r', 'p', 'v'].includes(table.relkind);
}

/**
 * ATTACH PARTITION needs no lock that a reader's would hold off, and rows that it brings in may be older than
 * the watermark. Partitions that came before the description are seen by the caller, later ones here, in a
 * transaction of its own.
 */
async function requireSameMembers(session: Session, jobs: readonly EntityJob[]): Promise<void> {
  const oids = jobs.map((job) => job.table.located.oid);
  const now = await readMembers(session, oids);
  for (const { entity, table } of jobs) {
    const ids = now.filter((each) => each.root === table.located.oid).map((each) => each.oid);
    if (ids.join() === table.relationIds.join()) continue;
    throw new TidemarkError(
      'SOURCE_INTERRUPTED',
      `${session.target}: ${entity.table}: its partitions changed during the read`,
    );
  }
}

function toExtract(job: EntityJob, first: Snapshot, bound: StampBound | null): EntityExtract {
  const { entity, table } = job;
  const cursorFrom = nextCursorFrom(entity, bound);
  return {
    table: entity.table,
    relationIds: table.relationIds,
    schemaHash: table.schemaHash,
    read: entity.read,
    watermark: entity.read.mode === 'window' ? null : first.xmin,
    ...(cursorFrom !== undefined && { cursorFrom }),
    columns: entity.columns,
    parts: job.parts,
    rowCount: job.rowCount,
    csvBytes: job.csvBytes,
    source: job.totals ?? { rowCount: job.rowCount, sums: {} },
    seen: table.columns,
  };
}

/** Reports a job at most once a second, or when forced. */
function reportProgress(request: ExtractRequest): (job: EntityJob, isForced?: boolean) => void {
  const reportedAt = new Map<EntityJob, number>();
  return (job, isForced = false) => {
    const now = Date.now();
    if (!isForced && now - (reportedAt.get(job) ?? 0) < PROGRESS_INTERVAL_MS) return;
    reportedAt.set(job, now);
    request.onProgress(progressOf(job));
  };
}

function progressOf(job: EntityJob): { entity: string; rowCount: number; csvBytes: number } {
  return { entity: job.entity.name, rowCount: job.rowCount, csvBytes: job.csvBytes };
}
