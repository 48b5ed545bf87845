import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { describeType, explainBadType, parseColumnType } from './column-type.ts';
import { DefinitionError, describeIssue, type PipelineDefinition } from './definition.ts';

const modelColumn = z.strictObject({
  type: z.string().refine((text) => parseColumnType(text) !== null, {
    error: ({ input }) => explainBadType(String(input)),
  }),
  nullable: z.boolean().default(true),
  measure: z.boolean().default(false),
  pii: z.enum(['direct', 'quasi']).optional(),
  description: z.string().optional(),
});

const modelHead = z.strictObject({
  /** What one row stands for, in words. */
  grain: z.string().min(1),
  key: z.array(z.string()).min(1),
  description: z.string().optional(),
  columns: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/, 'use lower snake case'), modelColumn),
  /** Entity whose touched partitions alone are computed again; without it the model is written whole. */
  incremental: z.string().optional(),
  /** Text column that the files are partitioned by; with `incremental` it holds the entity's partition values. */
  partition_by: z.string().optional(),
  /** Entity whose evolved columns the model gets behind its own, joined by key; its key has to be the model's. */
  evolve: z.string().optional(),
  /** Redshift distribution: `all`, `even`, or the column of DISTKEY; default `auto`. */
  distribution: z.string().default('auto'),
  sort: z.array(z.string()).default([]),
});

/** A model: one SQL file whose head declares grain, key, columns, partitioning and warehouse layout. */
export interface Model {
  readonly name: string;
  /** Spark SQL of one SELECT, without the head. */
  readonly sql: string;
  readonly head: z.output<typeof modelHead>;
  /** Entities and earlier models that the SQL names. */
  readonly reads: readonly string[];
  /** Columns that `evolve` adds in effect; see core/evolve. */
  readonly evolved?: readonly { readonly name: string; readonly type: string }[];
}

/**
 * Parses a model file: a YAML head in the first block comment, then one SELECT.
 * Throws `DefinitionError` with all problems, each with path, value and fix.
 */
export function parseModel(name: string, text: string, definition: PipelineDefinition): Model {
  const subject = `Model ${name}`;
  const match = /^\s*\/\*([\s\S]*?)\*\/([\s\S]*)$/.exec(text);
  if (!match)
    throw new DefinitionError(subject, [
      '(head): begin the file with /* ... */ that holds grain, key and columns as YAML',
    ]);
  let raw: unknown;
  try {
    raw = parseYaml(match[1]!);
  } catch (error) {
    throw new DefinitionError(subject, [`(head): is not YAML: ${(error as Error).message.split('\n')[0]}`]);
  }
  const parsed = modelHead.safeParse(raw);
  if (!parsed.success)
    throw new DefinitionError(
      subject,
      parsed.error.issues.flatMap((issue) => describeIssue(issue, raw)),
    );
  const sql = match[2]!.trim().replace(/;\s*$/, '');
  const model: Model = { name, sql, head: parsed.data, reads: findReads(name, sql, definition) };
  const problems = findModelProblems(model, definition);
  if (problems.length > 0) throw new DefinitionError(subject, problems);
  return model;
}

/** Names of entities and earlier models that appear as words in the SQL, outside comments and literals. */
function findReads(name: string, sql: string, definition: PipelineDefinition): string[] {
  const bare = sql.replace(/--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\]|\\.|'')*'/g, ' ');
  const words = new Set(bare.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? []);
  const models = definition.models.map((each) => each.name);
  const earlier = models.slice(0, Math.max(models.indexOf(name), 0));
  return [...definition.entities.map((each) => each.name), ...earlier].filter((each) => words.has(each));
}

function findModelProblems(model: Model, definition: PipelineDefinition): string[] {
  const problems: string[] = [];
  const { head } = model;
  const columns = Object.keys(head.columns);
  const known = (name: string, field: string) => {
    if (!columns.includes(name))
      problems.push(`${field}: "${name}" is not a column of the head; columns are ${columns.join(', ')}`);
  };
  if (model.sql === '') problems.push('(sql): is empty; write one SELECT below the head');
  for (const name of head.key) known(name, 'key');
  for (const name of head.sort) known(name, 'sort');
  if (!['auto', 'all', 'even'].includes(head.distribution)) known(head.distribution, 'distribution');
  if (head.partition_by) {
    known(head.partition_by, 'partition_by');
    const type = parseColumnType(head.columns[head.partition_by]?.type ?? '');
    if (type && type.name !== 'varchar' && type.name !== 'char') {
      problems.push(
        `partition_by: "${head.partition_by}" is ${describeType(type)}; partition values are text, use a varchar column`,
      );
    }
  }
  if (head.incremental) {
    const entity = definition.entities.find((each) => each.name === head.incremental);
    if (!entity) problems.push(`incremental: "${head.incremental}" is not an entity of the pipeline`);
    else if (!entity.partitionBy)
      problems.push(
        `incremental: entity "${entity.name}" has no partitionBy, so it has no partitions to follow`,
      );
    if (!head.partition_by)
      problems.push('partition_by: is missing; an incremental model is written partition by partition');
  } else if (head.partition_by) {
    problems.push('partition_by: needs `incremental: <entity>`; a model that is written whole has one part');
  }
  problems.push(...findEvolveProblems(model, definition));
  for (const [name, one] of Object.entries(head.columns)) {
    const type = parseColumnType(one.type);
    // Of a source's column it means the text that PostgreSQL prints; a model's author means a number.
    if (type?.name === 'printed' && type.as.startsWith('numeric'))
      problems.push(
        `columns.${name}.type: ${type.as} has no column in the warehouse; use numeric(p,s) with at most 38 digits, or text`,
      );
    if (one.measure && type && !['smallint', 'integer', 'bigint', 'numeric'].includes(type.name)) {
      problems.push(
        `columns.${name}.measure: a ${describeType(type)} cannot be summed exactly; use an integer or numeric(p,s) column`,
      );
    }
  }
  return problems;
}

function findEvolveProblems({ head, reads }: Model, definition: PipelineDefinition): string[] {
  if (!head.evolve) return [];
  const entity = definition.entities.find((each) => each.name === head.evolve);
  if (!entity) return [`evolve: "${head.evolve}" is not an entity of the pipeline`];
  const problems: string[] = [];
  if (!reads.includes(entity.name)) problems.push(`evolve: the SQL does not read "${entity.name}"`);
  if ([...head.key].sort().join() !== [...entity.key].sort().join())
    problems.push(
      `evolve: the key of "${entity.name}" is (${entity.key.join(', ')}), the model's is (${head.key.join(', ')}); a row of the model has to be a row of the entity`,
    );
  return problems;
}
