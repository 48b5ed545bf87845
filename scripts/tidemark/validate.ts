import { resolve } from 'node:path';
import type { Command } from 'commander';
import { pipelinePathsOf } from '../../src/config.ts';
import { DefinitionError } from '../../src/core/definition.ts';
import type { Pipeline } from '../../src/core/pipeline.ts';
import type { Suite } from '../../src/index.ts';
import { EXIT, type Output, show } from './output.ts';
import { renderTable } from './table.ts';

export interface Validated {
  readonly path: string;
  readonly pipeline: string | null;
  readonly entities: number;
  readonly models: number;
  readonly suites: number;
  readonly problems: readonly string[];
  /** What is valid, and hardly meant. */
  readonly warnings: readonly string[];
}

export function addValidate(program: Command, out: Output): void {
  program
    .command('validate')
    .summary('check pipeline definitions, their models and suites')
    .argument('[path...]', 'pipeline files or their folders; default TIDEMARK_PIPELINES')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  npx tidemark validate\n  npx tidemark validate pipelines/ecommerce/pipeline.ts --json\n\nExit: 0 all are valid, 1 at least one has a problem (all are printed), 2 wrong usage',
    )
    .action(async (paths: string[], options: { json?: boolean }) => {
      const wanted =
        paths.length > 0
          ? paths.map((path) => resolve(path))
          : pipelinePathsOf(out.env.TIDEMARK_PIPELINES || undefined);
      const results: Validated[] = [];
      for (const path of wanted) results.push(await validate(path));
      show(out, options.json, results, () => renderValidated(results));
      if (results.some((each) => each.problems.length > 0)) out.exitCode = EXIT.failed;
    });
}

async function validate(path: string): Promise<Validated> {
  const { loadPipeline } = await import('../../src/load-pipelines.ts');
  try {
    const pipeline = await loadPipeline(path);
    const { definition, models, suites } = pipeline;
    return {
      path,
      pipeline: definition.name,
      entities: definition.entities.length,
      models: models.length,
      suites: Object.keys(suites).length,
      problems: [],
      warnings: findEmptySuites(pipeline),
    };
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    return {
      path,
      pipeline: null,
      entities: 0,
      models: 0,
      suites: 0,
      problems: error.problems,
      warnings: [],
    };
  }
}

function findEmptySuites({ definition, suites }: Pipeline): string[] {
  return [...definition.entities, ...definition.models]
    .filter(({ name }) => (suites[name] as Suite | undefined)?.expectations.length === 0)
    .map(({ name, suite }) => `${suite}: has no expectations: nothing of ${name} is checked, and it passes`);
}

export function renderValidated(results: readonly Validated[]): string {
  const good = results.filter((each) => each.problems.length === 0);
  const table =
    good.length > 0
      ? [
          renderTable(
            ['PIPELINE', 'ENTITIES', 'MODELS', 'SUITES', 'FILE'],
            good.map((each) => [
              each.pipeline ?? '',
              String(each.entities),
              String(each.models),
              String(each.suites),
              each.path,
            ]),
          ),
        ]
      : [];
  const bad = results
    .filter((each) => each.problems.length > 0)
    .map(({ path, problems }) =>
      [
        `${path}: ${problems.length} problem${problems.length === 1 ? '' : 's'}`,
        ...problems.map((line) => `  ${line}`),
      ].join('\n'),
    );
  const warnings = results.flatMap(({ path, warnings: found }) =>
    found.map((line) => `warning: ${path}: ${line}`),
  );
  return [...table, ...warnings, ...bad].join('\n');
}
