import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { DefinitionError, type PipelineDefinition } from './core/definition.ts';
import { type Model, parseModel } from './core/model.ts';
import { assemblePipeline, entityColumns, modelColumns, type Pipeline } from './core/pipeline.ts';
import { parseSuite, SuiteError } from './expectations/parse-suite.ts';
import { ROOT } from './root.ts';

/** Loads definitions by name; throws `DefinitionError` with every problem of the first pipeline that has any. */
export async function loadPipelines(paths: readonly string[]): Promise<ReadonlyMap<string, Pipeline>> {
  const pipelines = new Map<string, Pipeline>();
  for (const path of paths) {
    const pipeline = await loadPipeline(path);
    const { name } = pipeline.definition;
    if (pipelines.has(name))
      throw new DefinitionError(path, [
        `name: "${name}" is used by another pipeline of TIDEMARK_PIPELINES; names are unique`,
      ]);
    pipelines.set(name, pipeline);
  }
  return pipelines;
}

/** Loads one definition: the default export of a module made by `definePipeline`, its SQL files and its suites. */
export async function loadPipeline(given: string): Promise<Pipeline> {
  // The folder of a definition stands for its pipeline.ts.
  const isFolder = await stat(given).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const path = isFolder ? join(given, 'pipeline.ts') : given;
  let module: { default?: PipelineDefinition };
  try {
    module = (await importTypeScript(path)) as typeof module;
  } catch (error) {
    const { name, subject, problems } = error as DefinitionError;
    // The definition loads our modules for itself, so an error of theirs is not of this class.
    if (name === 'DefinitionError') throw new DefinitionError(subject, problems);
    throw new DefinitionError(path, [`(file): cannot be loaded: ${describeLoadError(error as Error)}`]);
  }
  const definition = module.default;
  if (!definition || typeof definition !== 'object' || !Array.isArray(definition.entities)) {
    throw new DefinitionError(path, [
      '(default export): is missing; end the file with `export default definePipeline({...})`',
    ]);
  }
  const folder = dirname(path);
  const problems: string[] = [];
  const models: Model[] = [];
  const suites: Record<string, unknown> = {};
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
  const checked = [
    ...definition.entities.map((entity) => ({
      name: entity.name,
      suite: entity.suite,
      columns: entityColumns({ ...entity, derive: {} }),
    })),
    ...definition.models.map(({ name, suite }) => {
      const model = models.find((each) => each.name === name);
      return {
        name,
        suite,
        columns: model
          ? modelColumns(model).filter((column) => column.name !== model.head.partition_by)
          : null,
      };
    }),
  ];
  for (const { name, suite, columns } of checked) {
    if (suite === undefined) continue;
    const text = await readText(folder, suite, `${name}.suite`, problems);
    if (text === null) continue;
    try {
      suites[name] = JSON.parse(text);
      const { sparkAboveRows } = definition.checks;
      if (columns) parseSuite(suites[name], { columns, sparkAboveRows });
    } catch (error) {
      if (error instanceof SuiteError)
        problems.push(...error.problems.map((each) => `${suite}: ${each.path}: ${each.message}`));
      else if (error instanceof SyntaxError) problems.push(`${suite}: is not JSON: ${error.message}`);
      else throw error;
    }
  }
  if (problems.length > 0) throw new DefinitionError(`Pipeline ${definition.name} (${path})`, problems);
  return assemblePipeline(definition, models, suites);
}

/** Definitions are TypeScript and stay as they are written, also where this is built. */
async function importTypeScript(path: string): Promise<unknown> {
  const { tsImport } = await import('tsx/esm/api');
  const tsconfig = fileURLToPath(new URL('tsconfig.json', ROOT));
  return await tsImport(pathToFileURL(path).href, { parentURL: import.meta.url, tsconfig });
}

/** The first line of the error, or what to do where Node's own words would mislead. */
function describeLoadError(error: Error & { code?: string }): string {
  // What Node says of a .ts file that has imports while no package.json above it makes it an ES module.
  if (error.code === 'ERR_REQUIRE_CYCLE_MODULE')
    return 'it is not an ES module; put a package.json with {"type": "module"} into its folder, or end its name in .mts';
  // A transformer says what is wrong in the first line and where in the second.
  return error.message.split('\n').slice(0, 2).join(' ').trim();
}

async function readText(
  folder: string,
  file: string,
  field: string,
  problems: string[],
): Promise<string | null> {
  try {
    return await readFile(join(folder, file), 'utf8');
  } catch {
    problems.push(`${field}: "${file}" cannot be read; the path is relative to ${folder}`);
    return null;
  }
}
