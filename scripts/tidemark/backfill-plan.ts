import type { Command } from 'commander';
import type { ActivityDeps } from '../../activities/deps.ts';
import { describeBackfill } from '../../activities/plan-backfill.ts';
import { describeLoad } from '../../activities/plan-load.ts';
import { type BackfillInput, chunkName, type InitialLoadInput, isWindow } from '../../src/core/backfill.ts';
import type { PlannedChunk } from '../../src/core/backfill-plan.ts';
import type { Pipeline } from '../../src/core/pipeline.ts';
import { type RangeOptions, requireEntities, toInput, withRange } from './backfill-range.ts';
import { describeState } from './chunk-state.ts';
import { describeRanges, renderLoad } from './load-plan-text.ts';
import { type Output, show } from './output.ts';
import { requirePipeline, withDeps } from './session.ts';
import { renderTable } from './table.ts';

/** Planner's estimate of rows by entity, in the order of the chunks. */
type Estimates = Readonly<Record<string, readonly number[]>>;

export function addBackfillPlan(command: Command, out: Output): void {
  withRange(
    command
      .command('plan')
      .summary('show chunk by chunk what is there and what would be read')
      .argument('<pipeline>', 'name of the pipeline'),
  )
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      "\nExamples:\n  npx tidemark backfill plan ecommerce --from 2021-01-01 --to 2024-01-01\n  npx tidemark backfill plan ecommerce --from 2023-01-01 --to 2023-02-01 --chunk P1D --mode all --backwards\n  npx tidemark backfill plan ecommerce --initial --rows 500000\n\nRows are estimates of the source's planner. Start just this plan: backfill start ... --plan DIGEST\n\nExit: 0 shown, 1 failed, 2 wrong usage",
    )
    .action(async (name: string, options: RangeOptions & { json?: boolean }) => {
      const input = toInput(name, options);
      await withDeps(out, async (deps, config) => {
        requireEntities(await requirePipeline(config, name), '--entities', input.entities);
        if ('isInitial' in input) return await showLoad(out, deps, input, options.json);
        const { chunks, digest } = await describeBackfill(deps, input);
        const estimates = await estimateRows(deps, deps.pipelines.get(name)!, input, chunks);
        const rows = chunks.map((each, index) => ({
          ...each,
          chunk: chunkName(each.window),
          rows: each.isTodo ? sumAt(estimates, index) : 0,
        }));
        show(out, options.json, { pipeline: name, digest, chunks: rows, estimates }, () =>
          renderPlan(input, digest, rows),
        );
      });
    });
}

async function estimateRows(
  deps: ActivityDeps,
  pipeline: Pipeline,
  input: BackfillInput,
  chunks: readonly PlannedChunk[],
): Promise<Estimates> {
  const dated = pipeline.definition.entities.filter(
    ({ name, businessDate }) => businessDate !== undefined && (input.entities?.includes(name) ?? true),
  );
  const estimates = dated.map(async ({ name, source, table, businessDate }) => {
    const windows = chunks.map(({ window }) => window).filter(isWindow);
    const reads = windows.map((window) => ({ mode: 'window', column: businessDate!, ...window }) as const);
    return [name, await deps.sourceOf(pipeline, source).estimateRows(table, reads)] as const;
  });
  return Object.fromEntries(await Promise.all(estimates));
}

function sumAt(estimates: Estimates, index: number): number {
  return Object.values(estimates).reduce((sum, counts) => sum + counts[index]!, 0);
}

async function showLoad(
  out: Output,
  deps: ActivityDeps,
  input: InitialLoadInput,
  isJson: boolean | undefined,
): Promise<void> {
  const described = await describeLoad(deps, input);
  const { definition } = deps.pipelines.get(input.pipeline)!;
  const shown = describeRanges(described, (name) => {
    const columns = definition.entities.find((entity) => entity.name === name)?.columns ?? {};
    return (column) => columns[column]?.pii !== undefined;
  });
  const { load: digest, isUnderWay } = described;
  show(out, isJson, { pipeline: input.pipeline, digest, isUnderWay, chunks: shown }, () =>
    renderLoad(input, described, shown),
  );
}

/** The plan as a table, newest facts first to the eye: what is there, what is read, what to mind. */
export function renderPlan(
  input: BackfillInput,
  digest: string,
  chunks: readonly (PlannedChunk & { chunk: string; rows: number })[],
): string {
  const todo = chunks.filter((each) => each.isTodo);
  const rows = todo.reduce((sum, each) => sum + each.rows, 0);
  const table = renderTable(
    ['CHUNK', 'THERE', 'DO', 'ROWS ~', 'MIND'],
    chunks.map((each) => [
      each.chunk,
      describeState(each),
      each.isTodo ? 'read' : '-',
      each.isTodo ? String(each.rows) : '-',
      each.conflicts.join('; '),
    ]),
  );
  return [
    table,
    '',
    `${todo.length} of ${chunks.length} chunks, about ${rows} rows to read; plan ${digest}`,
    `start it: npx tidemark backfill start ${startFlags(input)} --plan ${digest}`,
  ].join('\n');
}

function startFlags({ pipeline, from, to, chunk, mode, entities, isBackwards }: BackfillInput): string {
  const flags = [pipeline, `--from ${from}`, `--to ${to}`, `--chunk ${chunk}`, `--mode ${mode}`];
  if (entities) flags.push(`--entities ${entities.join(' ')}`);
  if (isBackwards) flags.push('--backwards');
  return flags.join(' ');
}
