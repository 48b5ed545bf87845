import { resolve } from 'node:path';
import type { Command } from 'commander';
import { pipelinePathsOf } from '../../src/config.ts';
import { DefinitionError } from '../../src/core/definition.ts';
import { EXIT, type Output, show } from './output.ts';
import { renderTable } from './table.ts';

export interface Validated {
  readonly path: string;
  readonly pipeline: string | null;
  readonly entities: number;
  readonly models: number;
  readonly suites: number;
  readonly problems: readonly string[];
}

export function addValidate(program: Command, out: Output): void {
  program
    .command('validate')
    .summary('check pipeline definitions, their models and suites')
    .argument('[path...]', 'pipeline files; default TIDEMARK_PIPELINES')
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
    const { definition, models, suites } = await loadPipeline(path);
    return {
      path,
      pipeline: definition.name,
      entities: definition.entities.length,
      models: models.length,
      suites: Object.keys(suites).length,
      problems: [],
    };
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    return { path, pipeline: null, entities: 0, models: 0, suites: 0, problems: error.problems };
  }
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
  return [...table, ...bad].join('\n');
}
