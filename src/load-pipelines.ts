import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { DefinitionError, type PipelineDefinition } from './core/definition.ts';
import { assemblePipeline, type Pipeline } from './core/pipeline.ts';
import { describeReadError } from './describe-read-error.ts';
import { type PipelineFiles, readPipelineFiles } from './read-pipeline-files.ts';
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

/**
 * Loads one definition, given by its file or by the folder of its `pipeline.ts`: the default export of a module made by
 * `definePipeline`, its SQL files and its suites. Throws `DefinitionError` with every problem of all of them.
 */
export async function loadPipeline(given: string): Promise<Pipeline> {
  const path = await findDefinition(given);
  const { definition, problems } = await importDefinition(path);
  if (definition === null) throw new DefinitionError(path, problems);
  const files = await readPipelineFiles(dirname(path), definition);
  const { pipeline, contradictions } = assemble(definition, files);
  const all = [...problems, ...files.problems, ...contradictions];
  if (pipeline === null || all.length > 0)
    throw new DefinitionError(`Pipeline ${definition.name} (${path})`, all);
  return pipeline;
}

/** The folder of a definition stands for its pipeline.ts. */
async function findDefinition(given: string): Promise<string> {
  const found = await stat(given).catch((error: unknown) => {
    throw new DefinitionError(given, [
      `(file): ${describeReadError(error)}; name a pipeline file, or the folder of a pipeline.ts`,
    ]);
  });
  if (!found.isDirectory()) return given;
  const path = join(given, 'pipeline.ts');
  await stat(path).catch(() => {
    throw new DefinitionError(given, [
      '(file): the folder has no pipeline.ts; name the file that holds the definition',
    ]);
  });
  return path;
}

/** The definition that a file exports; one with problems comes as far as it can be read, else null. */
async function importDefinition(
  path: string,
): Promise<{ definition: PipelineDefinition | null; problems: readonly string[] }> {
  let module: { default?: PipelineDefinition };
  try {
    module = (await importTypeScript(path)) as typeof module;
  } catch (error) {
    const { name, definition, problems } = error as DefinitionError;
    // The definition loads our modules for itself, so an error of theirs is not of this class.
    if (name === 'DefinitionError') return { definition: definition ?? null, problems };
    throw new DefinitionError(path, [`(file): cannot be loaded: ${describeLoadError(error as Error)}`]);
  }
  const definition = module.default;
  if (definition && typeof definition === 'object' && Array.isArray(definition.entities))
    return { definition, problems: [] };
  throw new DefinitionError(path, [
    '(default export): is missing; end the file with `export default definePipeline({...})`',
  ]);
}

function assemble(
  definition: PipelineDefinition,
  { models, suites }: PipelineFiles,
): { pipeline: Pipeline | null; contradictions: readonly string[] } {
  try {
    return { pipeline: assemblePipeline(definition, models, suites), contradictions: [] };
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    return { pipeline: null, contradictions: error.problems };
  }
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
