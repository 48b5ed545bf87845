import type { DescribedLoad } from '../../activities/plan-load.ts';
import { chunkName, type InitialLoadInput } from '../../src/core/backfill.ts';
import type { PlannedChunk } from '../../src/core/backfill-plan.ts';
import { describeState } from './chunk-state.ts';
import { renderTable } from './table.ts';

/** A chunk of a first load as people see it. */
export interface ShownRange extends PlannedChunk {
  readonly chunk: string;
  readonly entity: string;
  /** The keys that it begins and ends with, in words; hidden where they are personal data. */
  readonly keys: string;
  readonly rows: number;
}

/** The chunks of a load with the keys of each; `isPersonal` says of an entity which columns hide them. */
export function describeRanges(
  { plan, chunks }: Pick<DescribedLoad, 'plan' | 'chunks'>,
  isPersonal: (entity: string) => (column: string) => boolean,
): ShownRange[] {
  return plan.entities
    .flatMap(({ name, key, ranges }) => ranges.map((range) => ({ name, key, ranges, range })))
    .map(({ name, key, ranges, range }, nth) => {
      const chunk = chunks[nth]!;
      const write = (values: readonly string[] | null) => values?.join('/') ?? '';
      const keys =
        ranges.length === 1
          ? 'whole table'
          : key.some(isPersonal(name))
            ? `${key.join('/')} (hidden)`
            : `${key.join('/')} ${write(range.from)}..${write(range.to)}`;
      return { ...chunk, chunk: chunkName(chunk.window), entity: name, keys, rows: range.rowCount };
    });
}

/** The plan of a first load as a table, and the command that starts or continues it. */
export function renderLoad(
  { pipeline }: InitialLoadInput,
  { load, isUnderWay }: Pick<DescribedLoad, 'load' | 'isUnderWay'>,
  ranges: readonly ShownRange[],
): string {
  const todo = ranges.filter((each) => each.isTodo);
  const rows = todo.reduce((sum, each) => sum + each.rows, 0);
  const entities = [...new Set(ranges.map((each) => each.entity))];
  const table = renderTable(
    ['CHUNK', 'KEYS', 'THERE', 'DO', 'ROWS ~'],
    ranges.map((each) => [
      each.chunk,
      each.keys,
      describeState(each),
      each.isTodo ? 'read' : '-',
      each.isTodo ? String(each.rows) : '-',
    ]),
  );
  return [
    table,
    '',
    `${todo.length} of ${ranges.length} chunks, about ${rows} rows to read; plan ${load}${isUnderWay ? ', under way' : ''}`,
    `start it: npx tidemark backfill start ${pipeline} --initial --entities ${entities.join(' ')} --plan ${load}`,
  ].join('\n');
}
