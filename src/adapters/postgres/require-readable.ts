import { TidemarkError } from '../../core/errors.ts';
import type { Snapshot } from '../../core/manifest.ts';
import type { EntityToExtract } from '../../ports/source.ts';
import { describeCursorColumn } from './cursor-column.ts';
import type { DescribedTable } from './describe-tables.ts';
import { describeBadWatermark } from './row-filter.ts';

/**
 * Throws when an entity cannot be read as asked: SOURCE_TABLE_MISSING for a column that is not there,
 * DEFINITION_INVALID for a measure that is not a number, a cursor column of a wrong type or an incremental read
 * of something without xmin,
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
  const cursor = entity.cursor ?? (read.mode === 'incremental' ? read.cursor : undefined);
  if (cursor) wanted.push(cursor.column);
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
  const unusable = cursor && describeCursorColumn(cursor, table.columns);
  if (unusable) throw new TidemarkError('DEFINITION_INVALID', `${where}: ${unusable}`);
  if (read.mode !== 'incremental') return;
  if (!read.cursor && !table.hasXmin) {
    throw new TidemarkError(
      'DEFINITION_INVALID',
      `${where} has no xmin (it is a view, or partly foreign), so it cannot be read incrementally; give it the cursor full, timestamp or xid8-column`,
    );
  }
  const bad = describeBadWatermark(read.fromXid, snapshot, read.cursor);
  if (bad) throw new TidemarkError('SOURCE_INTERRUPTED', `${where}: ${bad}; it has to be read in full`);
}
