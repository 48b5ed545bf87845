import { TidemarkError } from '../../core/errors.ts';
import type { Snapshot } from '../../core/manifest.ts';
import type { EntityToExtract } from '../../ports/source.ts';
import type { DescribedTable } from './describe-tables.ts';
import { describeBadWatermark } from './row-filter.ts';

/**
 * Throws when an entity cannot be read as asked: SOURCE_TABLE_MISSING for a column that is not there,
 * DEFINITION_INVALID for a measure that is not a number or an incremental read of something without xmin,
 * SOURCE_INTERRUPTED for a watermark that this server cannot compare with its own xids.
 */
export function requireReadable(
  target: string,
  entity: EntityToExtract,
  table: DescribedTable,
  snapshot: Snapshot,
): void {
  const where = `${target}: ${entity.table}`;
  const { read, measures } = entity;
  const known = table.columns.map((each) => each.name);
  const wanted = [...entity.columns.map((each) => each.name), ...measures];
  if (read.mode === 'window') wanted.push(read.column);
  const missing = [...new Set(wanted)].filter((name) => !known.includes(name));
  if (missing.length > 0) {
    throw new TidemarkError(
      'SOURCE_TABLE_MISSING',
      `${where} has no column ${missing.join(', ')}; it has ${known.join(', ')}`,
    );
  }
  const wordy = measures.filter((name) => !table.summable.has(name));
  if (wordy.length > 0) {
    throw new TidemarkError(
      'DEFINITION_INVALID',
      `${where}: measure ${wordy.join(', ')} cannot be summed; use a number`,
    );
  }
  if (read.mode !== 'incremental') return;
  if (!table.hasXmin) {
    throw new TidemarkError(
      'DEFINITION_INVALID',
      `${where} has no xmin (it is a view, or partly foreign), so it cannot be read incrementally; read it in full`,
    );
  }
  const bad = describeBadWatermark(read.fromXid, snapshot);
  if (bad) throw new TidemarkError('SOURCE_INTERRUPTED', `${where}: ${bad}; it has to be read in full`);
}
