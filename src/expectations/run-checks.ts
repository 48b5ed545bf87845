import { CannotCheck } from './cannot-check.ts';
import type { Answer, Check, Outcome, Request, SampleRequest, ScanRequest } from './check.ts';
import type { Session } from './context.ts';
import { openScope } from './context.ts';
import { shareSample } from './share-sample.ts';
import { splitByHashTables } from './sql/hash-tables.ts';
import { fromClause, unionUse } from './sql/relation.ts';

/** A query that the engine refuses because of what it says, not because of the world around: the check's own fault. */
export class QueryRefused extends Error {
  override readonly name = 'QueryRefused';
}

/** Runs SQL. Anything that is not a query's own fault is thrown and stops the whole run. */
export interface QueryRunner {
  /** Runs queries that do not depend on each other; one answer for each, `QueryRefused` for one that is at fault itself. */
  run(queries: readonly string[]): Promise<readonly (Answer | QueryRefused)[]>;
  /**
   * Runs a query whose rows begin with a mark for each limit, true where the row is wanted for it, and ends as soon as each
   * mark was seen that often. Gives the rows of each mark, without the marks. Throws `QueryRefused` where it is at fault.
   */
  sample(sql: string, limits: readonly number[]): Promise<readonly Answer[]>;
  /**
   * Runs SQL of the suite's own, which may see nothing but the run's tables; at most `limit` rows come back. Throws
   * `QueryRefused` where it is at fault.
   */
  runUntrusted(sql: string, limit: number): Promise<Answer>;
}

/** A request and the check, by position, that it is of. */
interface Wanted<T> {
  readonly position: number;
  readonly request: T;
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
  const queries: { readonly sql: string; readonly position: number }[] = [];
  const scans = new Map<string, Wanted<ScanRequest>[]>();
  const samples = new Map<string, Wanted<SampleRequest>[]>();
  for (const [position, { request }] of running.entries()) {
    if (request.kind === 'query') queries.push({ sql: request.sql(from(session, [request])), position });
    if (request.kind === 'sample') addTo(samples, JSON.stringify(request.of.table), { position, request });
    if (request.kind !== 'scan') continue;
    const shared = JSON.stringify([request.of.table, request.where !== undefined]);
    addTo(scans, shared, { position, request });
  }
  const groups = [...scans.values()].flatMap((group) =>
    splitByHashTables(group, ({ request }) => request.select),
  );
  const shared = groups.map((group) =>
    shareScan(
      group.map(({ request }) => request),
      session,
    ),
  );
  const asked = [...shared.map(({ sql }) => sql), ...queries.map(({ sql }) => sql)];
  const found = asked.length === 0 ? [] : await runner.run(asked);
  for (const [index, { position }] of queries.entries()) answers[position] = found[shared.length + index]!;
  for (const [index, group] of groups.entries()) {
    const answer = found[index]!;
    const requests = group.map(({ request }) => request);
    const scanned =
      answer instanceof QueryRefused
        ? await scanApart(requests, answer, session, runner)
        : shared[index]!.split(answer);
    for (const [at, { position }] of group.entries()) answers[position] = scanned[at]!;
  }
  for (const group of samples.values()) {
    const sampled = await sampleTogether(
      group.map(({ request }) => request),
      session,
      runner,
    );
    for (const [at, { position }] of group.entries()) answers[position] = sampled[at]!;
  }
  for (const [position, { request }] of running.entries()) {
    if (request.kind !== 'untrusted') continue;
    answers[position] = await refusal(() => runner.runUntrusted(request.sql, request.limit));
  }
  return answers;
}

function addTo<T>(groups: Map<string, T[]>, key: string, item: T): void {
  groups.set(key, [...(groups.get(key) ?? []), item]);
}

/** The samples of one source by one reading, and by another those that lie further back; where it is refused, each by its own. */
async function sampleTogether(
  requests: readonly SampleRequest[],
  session: Session,
  runner: QueryRunner,
): Promise<(Answer | QueryRefused)[]> {
  const reaches = requests.map(({ reach }) => reach ?? Number.POSITIVE_INFINITY);
  const { sql, limits, split } = shareSample(requests, from(session, requests, Math.max(...reaches)));
  const picked = await refusal(() => runner.sample(sql, limits));
  if (!(picked instanceof QueryRefused)) {
    const answers = split(picked);
    const isShort = ({ limit, reach }: SampleRequest, index: number) =>
      reach !== null && answers[index]!.rows.length < limit;
    const further = requests.filter(isShort).map((request) => ({ ...request, reach: null }));
    if (further.length === 0) return answers;
    const rest = await sampleTogether(further, session, runner);
    return requests.map((request, index) => (isShort(request, index) ? rest.shift()! : answers[index]!));
  }
  if (requests.length === 1) return [picked];
  const apart: (Answer | QueryRefused)[] = [];
  for (const request of requests) apart.push(...(await sampleTogether([request], session, runner)));
  return apart;
}

/** After one SELECT for all was refused: those at fault are found by asking each alone, first without the data. */
async function scanApart(
  requests: readonly ScanRequest[],
  refused: QueryRefused,
  session: Session,
  runner: QueryRunner,
): Promise<(Answer | QueryRefused)[]> {
  if (requests.length === 1) return [refused];
  const tried = await runner.run(requests.map((request) => shareScan([request], session, true).sql));
  const sound = requests.filter((_, index) => !(tried[index] instanceof QueryRefused));
  const scanned =
    sound.length < requests.length
      ? await scanTogether(sound, session, runner)
      : await scanEach(sound, session, runner);
  const rest = [...scanned];
  return tried.map((answer) => (answer instanceof QueryRefused ? answer : rest.shift()!));
}

async function scanTogether(
  requests: readonly ScanRequest[],
  session: Session,
  runner: QueryRunner,
): Promise<(Answer | QueryRefused)[]> {
  if (requests.length === 0) return [];
  const { sql, split } = shareScan(requests, session);
  const [answer] = await runner.run([sql]);
  return answer instanceof QueryRefused ? await scanApart(requests, answer, session, runner) : split(answer!);
}

async function scanEach(
  requests: readonly ScanRequest[],
  session: Session,
  runner: QueryRunner,
): Promise<(Answer | QueryRefused)[]> {
  const shared = requests.map((request) => shareScan([request], session));
  const found = await runner.run(shared.map(({ sql }) => sql));
  return found.map((answer, index) =>
    answer instanceof QueryRefused ? answer : shared[index]!.split(answer)[0]!,
  );
}

interface SharedScan {
  readonly sql: string;
  /** The answer's share of each request. */
  readonly split: (answer: Answer) => Answer[];
}

/** One SELECT for all requests of one table, equal expressions once; a trial sees hardly any of the data. */
function shareScan(requests: readonly ScanRequest[], session: Session, isTrial = false): SharedScan {
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
  return {
    sql: `select ${select.join(', ')} from ${from(session, requests, isTrial ? 0 : undefined)}${whereAny(requests)}`,
    split: ({ rows }) =>
      wanted.map((indexes) => ({ rows: [indexes.map((index) => rows[0]?.[index] ?? null)] })),
  };
}

/** The rows that any of the requests looks at; all where one looks at all. */
function whereAny(requests: readonly ScanRequest[]): string {
  const conditions = new Set(requests.map(({ where }) => where));
  return conditions.has(undefined)
    ? ''
    : ` where ${[...conditions].map((where) => `(${where})`).join(' or ')}`;
}

function from(
  session: Session,
  requests: readonly { readonly of: ScanRequest['of'] }[],
  rowCount = Number.POSITIVE_INFINITY,
): string {
  const { source } = openScope(session, requests[0]!.of.table);
  const seen = Number.isFinite(rowCount)
    ? { ...source, relation: session.dialect.firstOf(source.relation, rowCount) }
    : source;
  return fromClause(seen, unionUse(requests.map((request) => request.of.use)), session.dialect);
}

async function refusal<T>(run: () => Promise<T>): Promise<T | QueryRefused> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof QueryRefused) return error;
    throw error;
  }
}
