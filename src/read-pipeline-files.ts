import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DefinitionError, type PipelineDefinition } from './core/definition.ts';
import { type Model, parseModel } from './core/model.ts';
import { entityColumns, modelColumns } from './core/pipeline.ts';
import { describeReadError } from './describe-read-error.ts';
import { parseSuite, SuiteError } from './expectations/parse-suite.ts';
import type { ColumnContract } from './expectations/types.ts';

/** What the files of a pipeline hold, as far as they can be read, and everything that is wrong with any of them. */
export interface PipelineFiles {
  readonly models: readonly Model[];
  /** By entity or model. */
  readonly suites: Readonly<Record<string, unknown>>;
  /** Each with file, place in it and what to do. */
  readonly problems: readonly string[];
}

/** A suite and what it is about; the columns are null where a model's head could not be read. */
interface NamedSuite {
  readonly name: string;
  readonly file: string;
  readonly columns: readonly ColumnContract[] | null;
}

/** Reads all models and suites of a pipeline; what is wrong with one hides nothing of the others. */
export async function readPipelineFiles(
  folder: string,
  definition: PipelineDefinition,
): Promise<PipelineFiles> {
  const problems: string[] = [];
  const models = await readModels(folder, definition, problems);
  const suites: Record<string, unknown> = {};
  for (const suite of namedSuites(definition, models)) {
    const text = await readText(folder, suite.file, `${suite.name}.suite`, problems);
    if (text === null) continue;
    try {
      suites[suite.name] = JSON.parse(text);
      const { sparkAboveRows } = definition.checks;
      parseSuite(suites[suite.name], suite.columns ? { columns: suite.columns, sparkAboveRows } : {});
    } catch (error) {
      problems.push(...suiteProblems(suite.file, error));
    }
  }
  return { models, suites, problems: [...new Set(problems)] };
}

async function readModels(
  folder: string,
  definition: PipelineDefinition,
  problems: string[],
): Promise<Model[]> {
  const models: Model[] = [];
  for (const { name, sql } of definition.models) {
    const text = await readText(folder, sql, `models.${name}.sql`, problems);
    if (text === null) continue;
    try {
      models.push(parseModel(name, text, definition));
    } catch (error) {
      if (!(error instanceof DefinitionError)) throw error;
      problems.push(...error.problems.map((each) => `${sql}: ${each}`));
    }
  }
  return models;
}

function namedSuites(definition: PipelineDefinition, models: readonly Model[]): NamedSuite[] {
  const ofEntities = definition.entities.map((entity) => ({
    name: entity.name,
    file: entity.suite,
    columns: entityColumns({ ...entity, derive: {} }),
  }));
  const ofModels = definition.models.map(({ name, suite }) => {
    const model = models.find((each) => each.name === name);
    const columns = model
      ? modelColumns(model).filter((column) => column.name !== model.head.partition_by)
      : null;
    return { name, file: suite, columns };
  });
  return [...ofEntities, ...ofModels].flatMap((each) =>
    each.file === undefined ? [] : [{ ...each, file: each.file }],
  );
}

function suiteProblems(file: string, error: unknown): string[] {
  if (error instanceof SuiteError)
    return error.problems.map((each) => `${file}: ${each.path}: ${each.message}`);
  if (error instanceof SyntaxError) return [`${file}: is not JSON: ${error.message}`];
  throw error;
}

async function readText(
  folder: string,
  file: string,
  field: string,
  problems: string[],
): Promise<string | null> {
  try {
    return await readFile(join(folder, file), 'utf8');
  } catch (error) {
    problems.push(`${field}: "${file}" ${describeReadError(error)}; it is relative to ${folder}`);
    return null;
  }
}
