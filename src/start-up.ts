import { type Config, ConfigError, pipelinePathsOf, readConfig, taskQueueOf } from './config.ts';
import { DefinitionError } from './core/definition.ts';
import { type Pipeline, sourceVariable } from './core/pipeline.ts';
import { loadPipelines } from './load-pipelines.ts';

/**
 * Reads all that a worker starts with: environment, definitions, and the connection URL of each source; of the
 * pipelines that are `chosen`, or of all. Throws `ConfigError` with everything that is wrong with any of them, before
 * any work is taken.
 */
export async function readStartUp(
  env: NodeJS.ProcessEnv,
  chosen?: readonly string[],
): Promise<{ config: Config; pipelines: ReadonlyMap<string, Pipeline> }> {
  const problems: string[] = [];
  const collect = (error: unknown) => {
    if (!(error instanceof ConfigError) && !(error instanceof DefinitionError)) throw error;
    problems.push(...(error instanceof ConfigError ? error.problems : error.message.split('\n')));
  };
  let config: Config | undefined;
  try {
    config = readConfig(env);
  } catch (error) {
    collect(error);
  }
  const known = new Map<string, Pipeline>();
  for (const path of pipelinePathsOf(env.TIDEMARK_PIPELINES || undefined)) {
    try {
      for (const [name, pipeline] of await loadPipelines([path])) {
        if (known.has(name))
          problems.push(`TIDEMARK_PIPELINES: two definitions are named "${name}"; names are unique`);
        known.set(name, pipeline);
      }
    } catch (error) {
      collect(error);
    }
  }
  const pipelines = new Map([...known].filter(([name]) => chosen?.includes(name) ?? true));
  if (chosen && config) problems.push(...findChoiceProblems(config, known, chosen));
  for (const pipeline of pipelines.values()) problems.push(...findSourceProblems(pipeline, env));
  if (config === undefined || problems.length > 0) throw new ConfigError(problems);
  return { config, pipelines };
}

/** What is chosen has to exist, and to have its task queues for itself: a worker cannot pick among the tasks of a queue. */
function findChoiceProblems(
  config: Config,
  known: ReadonlyMap<string, Pipeline>,
  chosen: readonly string[],
): string[] {
  const unknown = chosen
    .filter((name) => !known.has(name))
    .map(
      (name) =>
        `--pipeline "${name}" is in no file of TIDEMARK_PIPELINES; they have ${[...known.keys()].join(', ')}`,
    );
  const queues = new Map(
    [...known]
      .filter(([name]) => chosen.includes(name))
      .map(([name, each]) => [taskQueueOf(config, each), name]),
  );
  const shared = [...known]
    .filter(([name, each]) => !chosen.includes(name) && queues.has(taskQueueOf(config, each)))
    .map(([name, each]) => {
      const queue = taskQueueOf(config, each);
      return `--pipeline ${queues.get(queue)}: its task queue "${queue}" is that of ${name}, too, whose runs would come to this worker; choose both, or give one a taskQueue of its own`;
    });
  return [...unknown, ...shared];
}

function findSourceProblems(pipeline: Pipeline, env: NodeJS.ProcessEnv): string[] {
  return Object.keys(pipeline.definition.sources).flatMap((source) => {
    const variable = sourceVariable(pipeline, source);
    const at = `source ${source} of pipeline ${pipeline.definition.name}`;
    const url = env[variable]?.trim();
    if (!url) return [`${variable} is not set: ${at}, such as postgresql://reader:password@host:5432/shop`];
    // The URL holds a password, so it is not shown.
    return /^postgres(ql)?:\/\/[^\s]+$/.test(url) ? [] : [`${variable} is not a postgresql:// URL: ${at}`];
  });
}
