import { type Command, Option } from 'commander';
import { type BackfillInput, type BackfillMode, splitRange } from '../../src/core/backfill.ts';
import { CommandError, EXIT } from './output.ts';

/** What `plan` and `start` take alike. */
export interface RangeOptions {
  readonly from: string;
  readonly to: string;
  readonly chunk: string;
  readonly mode: BackfillMode;
  readonly entities?: readonly string[];
  readonly backwards?: boolean;
}

/** Adds the options that say what is read again. */
export function withRange(command: Command): Command {
  return command
    .requiredOption('--from <date>', 'first business date, YYYY-MM-DD')
    .requiredOption('--to <date>', 'business date after the last, YYYY-MM-DD')
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
    .option('--backwards', 'newest chunk first');
}

/** The range as the workflow takes it; one that is wrong is wrong usage. */
export function toInput(pipeline: string, options: RangeOptions): BackfillInput {
  const { from, to, chunk, mode, entities, backwards } = options;
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

/** Id of a backfill from what a person types: PIPELINE/FROM..TO, with or without `backfill/`. */
export function parseBackfillId(text: string): string {
  const id = text.startsWith('backfill/') ? text : `backfill/${text}`;
  if (/^backfill\/[^/\s]+\/\d{4}-\d{2}-\d{2}\.\.\d{4}-\d{2}-\d{2}$/.test(id)) return id;
  throw new CommandError(
    `"${text}" is not a backfill; use PIPELINE/FROM..TO, such as ecommerce/2023-01-01..2024-01-01`,
    EXIT.usage,
  );
}
