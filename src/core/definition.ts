import { z } from 'zod';
import { describeType, explainBadType, parseColumnType } from './column-type.ts';
import { personOf } from './person.ts';

const identifier = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/, 'use lower snake case, such as `orders` or `order_id`')
  .max(60, 'use at most 60 characters: the names of catalog versions are made of it');

const typeText = z.string().refine((text) => parseColumnType(text) !== null, {
  error: ({ input }) => explainBadType(String(input)),
});

/** `direct` names a person by itself (e-mail, name); `quasi` does together with others (city, birth date). */
const pii = z.enum(['direct', 'quasi']);

const column = z.strictObject({
  /** PostgreSQL type of the source column. */
  type: typeText,
  /** Whether NULL is allowed; default true. */
  nullable: z.boolean().default(true),
  /** Class of personal data; values of such columns are masked in results, alerts and docs. */
  pii: pii.optional(),
  /** Spark SQL over the typed columns that gives the cleaned value, such as `nullif(trim(city), '')`. */
  clean: z.string().min(1).optional(),
  /** Summed in reconciliation and shown in reports; numeric columns only. Default false. */
  measure: z.boolean().default(false),
  description: z.string().optional(),
});

const derived = z.strictObject({
  type: typeText,
  /** Spark SQL over the cleaned columns. */
  sql: z.string().min(1),
  description: z.string().optional(),
});

const reject = z.strictObject({
  /** Kept with the row in quarantine; no row data. */
  reason: z.string().min(1).max(200),
  /** Spark SQL over cleaned and derived columns; true sends the row to quarantine. */
  when: z.string().min(1),
});

/** How a run finds the rows that were written since the last one; each is documented in docs/extraction.md. */
const cursor = z.discriminatedUnion('mode', [
  /** Rows whose writer has the xid of the watermark or a newer one: scans the table, misses nothing that is written. */
  z.strictObject({ mode: z.literal('xmin') }),
  /** Rows stamped since the oldest transaction that ran before the last snapshot; needs stamps by the database, and an index to be cheap. */
  z.strictObject({
    mode: z.literal('timestamp'),
    column: identifier,
    /** Seconds by which the lower bound is held back further; default 5. */
    lagSeconds: z.number().min(0).default(5),
  }),
  /** Rows whose `xid8` column is at or above the watermark; needs a trigger that keeps it, and an index to be cheap. */
  z.strictObject({ mode: z.literal('xid8-column'), column: identifier }),
  /** Everything, each time. */
  z.strictObject({ mode: z.literal('full') }),
]);

/** What happens to rows that the source no longer has. */
const deletes = z.discriminatedUnion('mode', [
  /** They stay until the entity is read whole. */
  z.strictObject({ mode: z.literal('ignore') }),
  /** A column marks them: not NULL, or true. Models do not see marked rows. */
  z.strictObject({ mode: z.literal('soft'), column: identifier }),
  /** Each run compares the keys of source and lake. More deletions than the brake allows wait for a decision. */
  z.strictObject({
    mode: z.literal('reconcile'),
    /** Share of the entity's rows, 0 to 1; default 0.05. Looked at from 20 deleted rows on. */
    maxShare: z.number().min(0).max(1).default(0.05),
    /** Rows; default 100,000. */
    maxCount: z.int().min(0).default(100_000),
  }),
]);

const volume = z.strictObject({
  /** Times the median of recent runs from which an extract waits for a decision; default 20. */
  maxFactor: z.number().min(1).default(20),
  /** Extracts of fewer rows never wait; default 100,000. */
  minRows: z.int().min(0).default(100_000),
});

const entity = z.strictObject({
  name: identifier,
  /** Name of the source in `sources`. */
  source: identifier,
  /** Qualified table, such as `public.orders`. */
  table: z.string().regex(/^[^.\s]+\.[^.\s]+$/, 'name schema and table, such as `public.orders`'),
  /** What makes a row unique at the source; one or more columns. */
  key: z.array(identifier).min(1),
  columns: z.record(identifier, column),
  /** Column by whose date a backfill picks rows; without it a backfill reads the entity only when the lake has none of it. */
  businessDate: identifier.optional(),
  derive: z.record(identifier, derived).default({}),
  reject: z.array(reject).default([]),
  /** Cleaned or derived text column by which the folded rows are stored in parts; without it they are one part. */
  partitionBy: identifier.optional(),
  /** Path of the suite that the extracted rows are checked with, relative to the pipeline's folder. */
  suite: z.string().optional(),
  /** Default `xmin`. */
  cursor: cursor.prefault({ mode: 'xmin' }),
  /** Default `ignore`. */
  deletes: deletes.prefault({ mode: 'ignore' }),
  /**
   * When the source's columns change: `evolve` carries new nullable columns through, `freeze` waits for a decision
   * on any change, `ignore` reads the columns of the contract. Changes that break the contract always wait. Default `ignore`.
   */
  onDrift: z.enum(['evolve', 'freeze', 'ignore']).default('ignore'),
  /** When the table or its partitions were replaced: read it whole, or wait for a decision first. Default `full`. */
  onRelationChange: z.enum(['full', 'gate']).default('full'),
  /** Stops an extract that is many times the usual before Spark is paid for. */
  volume: volume.prefault({}),
  description: z.string().optional(),
});

const source = z.strictObject({
  /** Environment variable that holds the connection URL; default `TIDEMARK_SOURCE_<NAME>_URL`. */
  urlVariable: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]*$/)
    .optional(),
  /** `copy` streams through the worker; `rds-export` has RDS or Aurora write to S3 (extension aws_s3). Default `copy`. */
  method: z.enum(['copy', 'rds-export']).default('copy'),
  /** Connections that read side by side, beside the one that holds the snapshot; default 2. */
  connections: z.int().min(1).max(16).default(2),
  /** Ceiling of CSV bytes a second over all connections; default none. */
  maxBytesPerSecond: z.int().min(1).optional(),
  /** When the database is another one, or went back in time: wait for a decision, or read everything whole. Default `gate`. */
  onRewind: z.enum(['gate', 'full']).default('gate'),
  description: z.string().optional(),
});

const model = z.strictObject({
  name: identifier,
  /** Path of the SQL file, relative to the pipeline's folder. */
  sql: z.string(),
  /** Path of the suite that the model's rows are checked with. */
  suite: z.string().optional(),
});

const checks = z.strictObject({
  /** Batches of more rows are checked by an EMR step instead of the worker; default 50,000,000: a worker gives a suite 10 minutes. */
  sparkAboveRows: z.int().min(0).default(50_000_000),
});

const retry = z.strictObject({
  /** Tries of an activity before a gate opens; default 7. */
  attempts: z.int().min(1).max(100).default(7),
  /** Doubles with each try; default 2. */
  firstDelaySeconds: z.number().positive().default(2),
  /** Not below `firstDelaySeconds`. Default 60; with the other defaults a gate opens after two minutes. */
  maxDelaySeconds: z.number().positive().default(60),
});

/** What a worker does at a time, whatever the kind; a higher limit would be none. */
const MAX_PLACES = 100;
const placesHint = `use a whole number from 1 to ${MAX_PLACES}, which is what a worker does at a time`;
const places = z.int(placesHint).min(1, placesHint).max(MAX_PLACES, placesHint).default(4);

/** What the pipeline asks of others and of its worker at a time, each from 1 to 100. Each holds within one worker: two workers may do twice as much. */
const limits = z.strictObject({
  /** EMR steps, those of checks in Spark included; default 4. */
  sparkSteps: places,
  /** Loads and comparisons in Redshift, each of which runs one statement after the other; default 4. */
  warehouseStatements: places,
  /** Extracts; each reads through the source's `connections` and one more. Default 4. */
  extracts: places,
  /** Stages of checks, `raw` and `audit`; each takes up to 400 MB of the worker and two threads. Default 4. */
  checks: places,
});

const freshness = z.strictObject({
  /** An alert goes out when the last live or full publication is older; one, until there is a new one. */
  maxAgeMinutes: z.int().min(1),
});

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const pipeline = z.strictObject({
  name: identifier.max(40, 'use at most 40 characters'),
  description: z.string().optional(),
  sources: z.record(identifier, source),
  entities: z.array(entity).min(1),
  /** In the order in which they are computed: a model may read the ones before it. */
  models: z.array(model).default([]),
  /** IANA name of the zone whose midnights part business dates, such as `America/New_York`; default UTC. */
  timeZone: z
    .string()
    .refine(isTimeZone, 'not a known time zone; use an IANA name such as America/New_York')
    .default('UTC'),
  /** Task queue of its runs, which its workers poll; default what `TIDEMARK_TASK_QUEUE` says. */
  taskQueue: z
    .string()
    .regex(/^[\w./-]{1,200}$/, 'use letters, digits and _ . / -, such as `tidemark-shop`')
    .optional(),
  /** How old the last publication may become; default nobody watches. */
  freshness: freshness.optional(),
  /** Where suites run. */
  checks: checks.prefault({}),
  /** What happens after a retryable error. */
  retry: retry.prefault({}),
  /** What a worker does at a time for this pipeline; what is beyond waits in turn. */
  limits: limits.prefault({}),
  /** Minutes after which an undecided gate is alerted again, one after the other; it never decides by itself. Default 1 h, 8 h, 24 h. */
  escalateAfterMinutes: z.array(z.number().positive()).default([60, 480, 1440]),
  /** Who may decide at gates, by the gate's severity (`warning`: a step whose tries are used up): names as in `--by`, in any case. Anybody, for a severity without a list. */
  deciders: z
    .partialRecord(z.enum(['critical', 'warning', 'info']), z.array(z.string().trim().min(1).max(200)).min(1))
    .default({}),
  /** Stages at whose gates two different people have to approve. Default none. */
  secondApproval: z.array(z.enum(['contract', 'raw', 'audit', 'reconcile'])).default([]),
});

/** What a person writes; fields with a default may be left out. */
export type PipelineInput = z.input<typeof pipeline>;
export type EntityInput = z.input<typeof entity>;
export type PipelineDefinition = z.output<typeof pipeline>;
export type EntityDefinition = z.output<typeof entity>;
export type RetryPolicy = z.output<typeof retry>;
export type PipelineLimits = z.output<typeof limits>;
/** Who may decide, by severity. */
export type Deciders = PipelineDefinition['deciders'];

/** Every problem of a definition, each with path, value and fix. */
export class DefinitionError extends Error {
  readonly subject: string;
  readonly problems: readonly string[];
  /** What can be read of the definition in spite of them, so that its files are looked at as well. */
  readonly definition: PipelineDefinition | undefined;

  constructor(subject: string, problems: readonly string[], definition?: PipelineDefinition) {
    super(
      `${subject} has ${problems.length} problem${problems.length === 1 ? '' : 's'}:\n${problems.map((line) => `  ${line}`).join('\n')}`,
    );
    this.name = 'DefinitionError';
    this.subject = subject;
    this.problems = problems;
    this.definition = definition;
  }
}

/** Declares an entity: one table of a source, its contract, its clean rules. */
export function defineEntity(input: EntityInput): EntityInput {
  return input;
}

/**
 * Declares a pipeline and checks it: names, types, references between sources, entities and columns.
 * Throws `DefinitionError` with all problems at once.
 */
export function definePipeline(input: PipelineInput): PipelineDefinition {
  const parsed = pipeline.safeParse(input);
  const subject = `Pipeline ${typeof input?.name === 'string' ? input.name : '(unnamed)'}`;
  const readable = parsed.success ? parsed : pipeline.safeParse(withoutProblems(input, parsed.error.issues));
  const problems = [
    ...(parsed.error?.issues ?? []).flatMap((issue) => describeIssue(issue, input)),
    ...(readable.success ? findReferenceProblems(readable.data) : []),
  ];
  if (!parsed.success || problems.length > 0) throw new DefinitionError(subject, problems, readable.data);
  return parsed.data;
}

/** A copy without the fields that have problems: what can be left out has a default to go on with. */
function withoutProblems(input: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  const copy: unknown = JSON.parse(
    JSON.stringify(input ?? null, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
  );
  for (const issue of issues) {
    const unknownKeys = issue.code === 'unrecognized_keys' ? issue.keys : [];
    const parent = unknownKeys.length > 0 ? issue.path : issue.path.slice(0, -1);
    const names = unknownKeys.length > 0 ? unknownKeys : issue.path.slice(-1);
    const holder = parent.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)?.[key], copy);
    if (typeof holder !== 'object' || holder === null || Array.isArray(holder)) continue;
    for (const name of names) Reflect.deleteProperty(holder, name);
  }
  return copy;
}

/** Words for a zod issue: path, offending value, and what to write instead. */
export function describeIssue(issue: z.core.$ZodIssue, input: unknown): string[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(
      (key) => `${[...path, key].join('.')}: is not a known field; remove it or correct its name`,
    );
  }
  let value: unknown = input;
  for (const step of issue.path) value = (value as Record<PropertyKey, unknown> | undefined)?.[step];
  return [`${path.join('.') || '(root)'}: ${show(value)}: ${issue.message}`];
}

function show(value: unknown): string {
  if (value === undefined) return 'is missing';
  const text = typeof value === 'function' ? 'a function' : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function findReferenceProblems(definition: PipelineDefinition): string[] {
  const problems: string[] = [];
  const sources = Object.keys(definition.sources);
  const names = [
    ...definition.entities.map((each) => each.name),
    ...definition.models.map((each) => each.name),
  ];
  for (const name of new Set(names.filter((each, index) => names.indexOf(each) !== index))) {
    problems.push(`entities/models: "${name}" is used twice; entities and models share one name space`);
  }
  definition.entities.forEach((each, index) => {
    const at = `entities.${index} (${each.name})`;
    if (!sources.includes(each.source)) {
      problems.push(
        `${at}.source: "${each.source}" is not declared; sources are ${sources.join(', ') || 'none'}`,
      );
    }
    problems.push(...findColumnProblems(each, at));
  });
  const { firstDelaySeconds, maxDelaySeconds } = definition.retry;
  if (maxDelaySeconds < firstDelaySeconds)
    problems.push(
      `retry.maxDelaySeconds: ${maxDelaySeconds}: is below retry.firstDelaySeconds; use ${firstDelaySeconds} or more`,
    );
  const judges = definition.deciders.critical;
  if (definition.secondApproval.length > 0 && judges && new Set(judges.map(personOf)).size < 2)
    problems.push(
      `secondApproval: two people have to approve, but deciders.critical names one (${judges.join(', ')}); add another`,
    );
  return problems;
}

function findColumnProblems(each: EntityDefinition, at: string): string[] {
  const problems: string[] = [];
  const columns = Object.keys(each.columns);
  const wanted = (name: string, field: string, known: readonly string[]) => {
    if (!known.includes(name))
      problems.push(`${at}.${field}: "${name}" is not a column; columns are ${known.join(', ')}`);
  };
  for (const name of each.key) wanted(name, 'key', columns);
  if (each.businessDate) {
    wanted(each.businessDate, 'businessDate', columns);
    const type = parseColumnType(each.columns[each.businessDate]?.type ?? '');
    if (type && !['date', 'timestamptz', 'timestamp'].includes(type.name)) {
      problems.push(
        `${at}.businessDate: "${each.businessDate}" is ${describeType(type)}; use a date, timestamp or timestamptz column`,
      );
    }
  }
  if (each.deletes.mode === 'soft') wanted(each.deletes.column, 'deletes.column', columns);
  problems.push(...findCursorProblems(each, at));
  for (const name of Object.keys(each.derive)) {
    if (columns.includes(name))
      problems.push(`${at}.derive.${name}: a source column has that name; use \`clean\` to change its value`);
  }
  for (const name of [...columns, ...Object.keys(each.derive)]) {
    if (name.startsWith('_'))
      problems.push(`${at}: "${name}" begins with _, which is kept for system columns`);
  }
  for (const [name, one] of Object.entries(each.columns)) {
    const type = parseColumnType(one.type);
    if (one.measure && type && !['smallint', 'integer', 'bigint', 'numeric'].includes(type.name)) {
      problems.push(
        `${at}.columns.${name}.measure: a ${describeType(type)} cannot be summed exactly; use an integer or numeric(p,s) column`,
      );
    }
  }
  if (each.partitionBy) {
    wanted(each.partitionBy, 'partitionBy', [...columns, ...Object.keys(each.derive)]);
    const text = each.derive[each.partitionBy]?.type ?? each.columns[each.partitionBy]?.type;
    const type = parseColumnType(text ?? '');
    if (type && type.name !== 'varchar' && type.name !== 'char') {
      problems.push(
        `${at}.partitionBy: "${each.partitionBy}" is ${describeType(type)}; partition values are text, so derive a varchar such as date_format(ordered_at, 'yyyy-MM')`,
      );
    }
  }
  return problems;
}

/** The cursor's column need not be in the contract; the source is asked about it then. */
function findCursorProblems({ cursor, columns }: EntityDefinition, at: string): string[] {
  if (cursor.mode !== 'timestamp' && cursor.mode !== 'xid8-column') return [];
  const type = parseColumnType(columns[cursor.column]?.type ?? '');
  if (!type) return [];
  if (cursor.mode === 'xid8-column') {
    return ['text', 'varchar'].includes(type.name)
      ? []
      : [
          `${at}.cursor.column: "${cursor.column}" is ${type.name} in the contract; an xid8 column travels as text`,
        ];
  }
  return type.name === 'timestamptz' || type.name === 'timestamp'
    ? []
    : [`${at}.cursor.column: "${cursor.column}" is ${type.name}; use a timestamptz column`];
}
