import type { Command } from 'commander';
import type { ActivityDeps } from '../../activities/deps.ts';
import { openPipeline, readPublication, readPublicationCopy } from '../../activities/manifests.ts';
import type { DecisionRecord, Publication } from '../../src/core/publication.ts';
import { isInForce } from '../../src/core/waiver.ts';
import { CommandError, EXIT, type Output, show } from './output.ts';
import { parseCount } from './run-id.ts';
import { requirePipeline, withDeps } from './session.ts';
import { renderTable } from './table.ts';

interface HistoryLine {
  readonly pipeline: string;
  readonly sequence: number;
  readonly publishedAt: string;
  readonly runKey: string;
  readonly runKind: string;
  /** Rows of each model. */
  readonly rows: Readonly<Record<string, number>>;
  /** Models that this publication changed. */
  readonly changed: readonly string[];
  readonly decisions: readonly DecisionRecord[];
  readonly skippedEntities: readonly string[];
  /** Waivers in force when it was published. */
  readonly waivers: readonly string[];
}

export function addHistory(program: Command, out: Output): void {
  program
    .command('history')
    .summary('publications, newest first: run, rows, decisions, waivers')
    .argument('[pipeline]', 'name of the pipeline; default all')
    .option('--limit <n>', 'publications of a pipeline', '20')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  npx tidemark history ecommerce\n  npx tidemark history ecommerce --limit 100 --json\n\nIt reads publication.json and its copies on S3, and needs the settings of the data (docs/operations.md).\n\nExit: 0 shown, 1 S3 gives no answer, 2 wrong usage',
    )
    .action(async (pipeline: string | undefined, options: { limit: string; json?: boolean }) => {
      const limit = parseCount('--limit', options.limit, 1);
      await withDeps(out, async (deps, config) => {
        if (pipeline !== undefined) await requirePipeline(config, pipeline);
        const names = pipeline === undefined ? [...deps.pipelines.keys()] : [pipeline];
        const lines = (await Promise.all(names.map((each) => readHistory(deps, each, limit)))).flat();
        show(out, options.json, lines, () => renderHistory(lines));
      });
    });
}

async function readHistory(deps: ActivityDeps, pipeline: string, limit: number): Promise<HistoryLine[]> {
  const { layout } = openPipeline(deps, pipeline);
  const current = (await readPublication(deps.store, layout))?.publication;
  if (!current) return [];
  const lines = [toLine(current)];
  for (let sequence = current.sequence - 1; sequence > 0 && lines.length < limit; sequence--) {
    const earlier = await readPublicationCopy(deps.store, layout, sequence);
    if (!earlier) throw new CommandError(`publication ${sequence} is not there`, EXIT.failed);
    lines.push(toLine(earlier));
  }
  return lines;
}

function toLine(publication: Publication): HistoryLine {
  const { pipeline, sequence, publishedAt, runKey, runKind, decisions, skippedEntities } = publication;
  const tables = Object.entries(publication.tables);
  return {
    pipeline,
    sequence,
    publishedAt,
    runKey,
    runKind,
    rows: Object.fromEntries(
      tables.map(([name, table]) => [name, table.partitions.reduce((sum, part) => sum + part.rowCount, 0)]),
    ),
    changed: tables.filter(([, table]) => table.sequence === sequence).map(([name]) => name),
    decisions,
    skippedEntities,
    waivers: (publication.waivers ?? []).filter((each) => isInForce(each, publishedAt)).map(({ id }) => id),
  };
}

function renderHistory(lines: readonly HistoryLine[]): string {
  if (lines.length === 0) return 'nothing is published yet; start a run: npx tidemark run PIPELINE';
  return renderTable(
    ['PUBLICATION', 'AT', 'RUN', 'KIND', 'ROWS', 'DECISIONS', 'WAIVERS'],
    lines.map((line) => [
      `${line.pipeline} ${line.sequence}`,
      line.publishedAt.slice(0, 19),
      line.runKey,
      line.runKind,
      Object.entries(line.rows)
        .map(([name, count]) => `${name} ${count}${line.changed.includes(name) ? '*' : ''}`)
        .join(', '),
      [
        ...line.decisions.map((each) => `${each.action} ${each.gate} by ${each.by}: ${each.reason}`),
        ...(line.skippedEntities.length > 0 ? [`without ${line.skippedEntities.join(', ')}`] : []),
      ].join('; ') || '-',
      line.waivers.length === 0 ? '-' : String(line.waivers.length),
    ]),
  );
}
