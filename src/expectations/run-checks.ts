import { CannotCheck } from './cannot-check.ts';
import type { Answer, Check, Outcome, Request, ScanRequest } from './check.ts';
import type { Session } from './context.ts';
import { openScope } from './context.ts';
import { fromClause, unionUse } from './sql/relation.ts';

/** A query that the engine refuses because of what it says, not because of the world around: the check's own fault. */
export class QueryRefused extends Error {
  override readonly name = 'QueryRefused';
}

/** Runs SQL. Throws `QueryRefused` for a query that is at fault itself; anything else stops the whole run. */
export interface QueryRunner {
  run(sql: string): Promise<Answer>;
  /** Runs SQL of the suite's own, which may see nothing but the run's tables; at most `limit` rows come back. */
  runUntrusted(sql: string, limit: number): Promise<Answer>;
}

interface Running {
  readonly check: Check;
  readonly index: number;
  readonly request: Request;
}

/**
 * Drives all checks to their verdicts. In each round the aggregates that checks ask for become one SELECT per table;
 * what one check asks wrongly fails that check alone.
 */
export async function runChecks(
  checks: readonly (() => Check)[],
  session: Session,
  runner: QueryRunner,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let running: Running[] = [];
  const advance = (check: Check, index: number, step: () => IteratorResult<Request, Outcome>): Running[] => {
    try {
      const { done, value } = step();
      if (!done) return [{ check, index, request: value }];
      outcomes[index] = value;
    } catch (error) {
      outcomes[index] = failedOutcome(error);
    }
    return [];
  };
  checks.forEach((start, index) => {
    try {
      const check = start();
      running.push(...advance(check, index, () => check.next()));
    } catch (error) {
      outcomes[index] = failedOutcome(error);
    }
  });
  while (running.length > 0) {
    const answers = await answerAll(running, session, runner);
    running = running.flatMap(({ check, index }, position) => {
      const answer = answers[position]!;
      return advance(check, index, () =>
        answer instanceof Error ? check.throw(answer) : check.next(answer),
      );
    });
  }
  return outcomes;
}

/** The outcome of a check that could not be carried out. Errors other than a check's own are passed on. */
function failedOutcome(error: unknown): Outcome {
  if (!(error instanceof CannotCheck) && !(error instanceof QueryRefused)) throw error;
  return {
    success: false,
    result: {},
    exception: { raised_exception: true, exception_message: error.message, exception_traceback: null },
  };
}

async function answerAll(
  running: readonly Running[],
  session: Session,
  runner: QueryRunner,
): Promise<(Answer | QueryRefused)[]> {
  const answers: (Answer | QueryRefused)[] = [];
  const scans = new Map<string | null, { position: number; request: ScanRequest }[]>();
  for (const [position, { request }] of running.entries()) {
    if (request.kind !== 'scan') continue;
    const group = scans.get(request.of.table) ?? [];
    group.push({ position, request });
    scans.set(request.of.table, group);
  }
  for (const [table, group] of scans) {
    const requests = group.map(({ request }) => request);
    const scanned = await scanTogether(requests, table, session, runner);
    for (const [index, { position }] of group.entries()) answers[position] = scanned[index]!;
  }
  for (const [position, { request }] of running.entries()) {
    if (request.kind === 'scan') continue;
    answers[position] = await refusal(() =>
      request.kind === 'untrusted'
        ? runner.runUntrusted(request.sql, request.limit)
        : runner.run(request.sql(from(session, [request]))),
    );
  }
  return answers;
}

/** One SELECT for all requests; when the engine refuses it, those at fault are found by asking each alone. */
async function scanTogether(
  requests: readonly ScanRequest[],
  table: string | null,
  session: Session,
  runner: QueryRunner,
): Promise<(Answer | QueryRefused)[]> {
  const together = await refusal(() => scanOnce(requests, session, runner));
  if (!(together instanceof QueryRefused)) return together;
  if (requests.length === 1) return [together];
  const answers: (Answer | QueryRefused)[] = [];
  const sound: number[] = [];
  for (const [index, request] of requests.entries()) {
    const tried = await refusal(() => scanOnce([request], session, runner, 'where false'));
    if (tried instanceof QueryRefused) answers[index] = tried;
    else sound.push(index);
  }
  if (sound.length < requests.length) {
    const rest = await scanTogether(
      sound.map((index) => requests[index]!),
      table,
      session,
      runner,
    );
    for (const [position, index] of sound.entries()) answers[index] = rest[position]!;
    return answers;
  }
  for (const [index, request] of requests.entries()) {
    const alone = await refusal(() => scanOnce([request], session, runner));
    answers[index] = alone instanceof QueryRefused ? alone : alone[0]!;
  }
  return answers;
}

/** Asks all requests of one table in one SELECT, equal expressions once. */
async function scanOnce(
  requests: readonly ScanRequest[],
  session: Session,
  runner: QueryRunner,
  where = '',
): Promise<Answer[]> {
  const select: string[] = [];
  const positions = new Map<string, number>();
  const wanted = requests.map((request) =>
    request.select.map((expression) => {
      const found = positions.get(expression);
      if (found !== undefined) return found;
      positions.set(expression, select.length);
      return select.push(expression) - 1;
    }),
  );
  const { rows } = await runner.run(`select ${select.join(', ')} from ${from(session, requests)} ${where}`);
  return wanted.map((indexes) => ({ rows: [indexes.map((index) => rows[0]?.[index] ?? null)] }));
}

function from(session: Session, requests: readonly { readonly of: ScanRequest['of'] }[]): string {
  const { source } = openScope(session, requests[0]!.of.table);
  return fromClause(source, unionUse(requests.map((request) => request.of.use)), session.dialect);
}

async function refusal<T>(run: () => Promise<T>): Promise<T | QueryRefused> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof QueryRefused) return error;
    throw error;
  }
}
