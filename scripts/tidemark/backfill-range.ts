import { type Command, Option } from 'commander';
import {
  type BackfillInput,
  type BackfillMode,
  type InitialLoadInput,
  splitRange,
} from '../../src/core/backfill.ts';
import type { Pipeline } from '../../src/core/pipeline.ts';
import { CommandError, EXIT } from './output.ts';
import { parseCount } from './run-id.ts';

/** What `plan` and `start` take alike. */
export interface RangeOptions {
  readonly from?: string;
  readonly to?: string;
  readonly chunk: string;
  readonly mode: BackfillMode;
  readonly initial?: boolean;
  readonly rows: string;
  readonly entities?: readonly string[];
  readonly backwards?: boolean;
}

/** Adds the options that say what is read again. */
export function withRange(command: Command): Command {
  return command
    .option('--from <date>', 'first business date, YYYY-MM-DD')
    .option('--to <date>', 'business date after the last, YYYY-MM-DD')
    .option('--chunk <duration>', 'P1D, P1W, P1M or P1Y', 'P1M')
    .addOption(
      new Option(
        '--mode <mode>',
        'missing: chunks that are not published; failed: those whose last try did not publish; all: every chunk again',
      )
        .choices(['missing', 'failed', 'all'])
        .default('missing'),
    )
    .option('--entities <names...>', 'only these; the chunks still count as missing for the others')
    .option('--backwards', 'newest chunk first')
    .option('--initial', 'load entities that the lake lacks whole, in ranges of their keys, instead of dates')
    .option('--rows <n>', 'with --initial: rows of a range, about', '1000000');
}

/** What is to be read as the workflow takes it; options that do not fit are wrong usage. */
export function toInput(pipeline: string, options: RangeOptions): BackfillInput | InitialLoadInput {
  return options.initial ? toInitial(pipeline, options) : toWindows(pipeline, options);
}

function toInitial(pipeline: string, options: RangeOptions): InitialLoadInput {
  const { from, to, backwards, mode, rows, entities } = options;
  if (from !== undefined || to !== undefined || backwards || mode !== 'missing')
    throw new CommandError(
      '--initial reads whole tables: leave out --from, --to, --mode and --backwards',
      EXIT.usage,
    );
  return {
    pipeline,
    isInitial: true,
    rowsPerChunk: parseCount('--rows', rows, 1),
    ...(entities ? { entities } : {}),
  };
}

function toWindows(pipeline: string, options: RangeOptions): BackfillInput {
  const { from, to, chunk, mode, entities, backwards } = options;
  if (from === undefined || to === undefined)
    throw new CommandError('give --from and --to, or --initial for entities that the lake lacks', EXIT.usage);
  try {
    splitRange(from, to, chunk);
  } catch (error) {
    if (error instanceof RangeError) throw new CommandError(error.message, EXIT.usage);
    throw error;
  }
  return {
    pipeline,
    from,
    to,
    chunk,
    mode,
    ...(entities ? { entities } : {}),
    ...(backwards ? { isBackwards: true } : {}),
  };
}

/** Refuses entities that the pipeline does not have. */
export function requireEntities(
  { definition }: Pipeline,
  option: string,
  wanted: readonly string[] | undefined,
): void {
  const known = definition.entities.map((each) => each.name);
  const unknown = wanted?.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new CommandError(
    `${option} "${unknown}" is not an entity of ${definition.name}; it has ${known.join(', ')}`,
    EXIT.usage,
  );
}

/** Id of a backfill from what a person types: PIPELINE/FROM..TO or PIPELINE/initial, with or without `backfill/`. */
export function parseBackfillId(text: string): string {
  const id = text.startsWith('backfill/') ? text : `backfill/${text}`;
  if (/^backfill\/[^/\s]+\/(initial|\d{4}-\d{2}-\d{2}\.\.\d{4}-\d{2}-\d{2})$/.test(id)) return id;
  throw new CommandError(
    `"${text}" is not a backfill; use PIPELINE/FROM..TO, such as ecommerce/2023-01-01..2024-01-01, or PIPELINE/initial`,
    EXIT.usage,
  );
}
