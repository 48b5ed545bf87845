import { type CleanEntity, deletingReads, view } from './clean-reads.ts';
import { columnType, sparkType } from './column-type.ts';
import type { EntityDefinition } from './definition.ts';
import { entityColumns } from './pipeline.ts';
import { type SparkInput, type SparkStatement, sparkName, sparkText } from './spark-plan.ts';

/** What of the published rows is needed to find deleted ones, and the keys that comparisons found gone. */
export function tombstoneInputs(item: CleanEntity): SparkInput[] {
  const { entity, base } = item;
  const deleting = deletingReads(item);
  if (deleting.length === 0) return [];
  const dates = deleting.flatMap(({ extract: { read } }) => (read.mode === 'window' ? [read.column] : []));
  const columns = [...new Set([...entity.key, ...dates])].map(
    (name) => `${sparkName(name)} ${sparkType(columnType(entity.columns[name]!.type))}`,
  );
  const system = ['`_snapshot` STRING', '`_partition` STRING', '`_key` BIGINT', '`_deleted` STRING'];
  const held: SparkInput = {
    view: view('held', entity),
    format: 'parquet',
    paths: base?.partitions.flatMap((part) => part.files.map((file) => file.uri)) ?? [],
    schema: [...columns, ...system].join(', '),
  };
  const gone = deleting.flatMap(({ extract }, nth): SparkInput[] => {
    const keys = extract.comparison?.gone;
    if (!keys) return [];
    return [{ view: goneKeys(entity, nth), format: 'csv', paths: [keys.uri], columns: ['_key', '_hash'] }];
  });
  return [held, ...gone];
}

function goneKeys(entity: EntityDefinition, nth: number): string {
  return view(`gone${nth + 1}`, entity);
}

/**
 * Rows of the base that the source no longer has, as tombstones: key, partition and order alone, so that nothing of
 * a deleted row's content is kept. They win over older versions of the row in the fold and lose against newer ones.
 */
export function tombstoneStatements(item: CleanEntity, runKey: string): SparkStatement[] {
  const { entity } = item;
  const isSameKey = (a: string, b: string) =>
    entity.key.map((name) => `${a}.${sparkName(name)} = ${b}.${sparkName(name)}`).join(' AND ');
  const keys = entity.key.map((name) => `h.${sparkName(name)}`).join(', ');
  const [held, kept] = [view('held', entity), view('kept', entity)];
  const found = deletingReads(item).map(({ extract, lastOrder }, nth) => {
    const order = sparkText(lastOrder);
    const isHeld = `h._snapshot <= ${order} AND h._deleted IS DISTINCT FROM 'gone'`;
    const columns = `${keys}, h._partition, h._key, ${order} AS _order`;
    if (extract.read.mode === 'window') {
      const { column, from, to, timeZone } = extract.read;
      const isDate = columnType(entity.columns[column]!.type).name === 'date';
      const bound = (date: string) => sparkMidnight(date, isDate ? 'UTC' : (timeZone ?? 'UTC'));
      const inWindow = `h.${sparkName(column)} >= ${bound(from)} AND h.${sparkName(column)} < ${bound(to)}`;
      return `SELECT ${columns} FROM ${held} h LEFT ANTI JOIN ${kept} k ON ${isSameKey('h', 'k')} WHERE ${isHeld} AND ${inWindow}`;
    }
    // A resumed extract may hold rows of its first snapshot that were deleted before its last.
    const both = `SELECT ${[...entity.key.map(sparkName), '_snapshot', '_partition', '_key', '_deleted'].join(', ')} FROM`;
    return `SELECT ${columns} FROM (${both} ${held} UNION ALL ${both} ${kept}) h LEFT SEMI JOIN ${goneKeys(entity, nth)} g ON h._key = CAST(g._key AS BIGINT) WHERE ${isHeld}`;
  });
  const nothing = entityColumns(entity).map(({ name, type }) =>
    entity.key.includes(name)
      ? sparkName(name)
      : `CAST(NULL AS ${sparkType(columnType(type))}) AS ${sparkName(name)}`,
  );
  return [
    {
      view: view('gone', entity),
      sql: `SELECT ${nothing.join(', ')}, max(_order) AS _snapshot, ${sparkText(runKey)} AS _run, CAST(NULL AS STRING) AS _rejected, max(_partition) AS _partition, _key, CAST(NULL AS BIGINT) AS _hash, 'gone' AS _deleted FROM (${found.join(' UNION ALL ')}) GROUP BY ${entity.key.map(sparkName).join(', ')}, _key`,
      cache: true,
    },
    {
      view: view('clean', entity),
      sql: `SELECT * FROM ${kept} UNION ALL SELECT * FROM ${view('gone', entity)}`,
    },
  ];
}

/** Begin of a business date, in a session whose time zone is UTC. */
function sparkMidnight(date: string, timeZone: string): string {
  if (timeZone === 'UTC') return `DATE ${sparkText(date)}`;
  return `to_utc_timestamp(TIMESTAMP ${sparkText(`${date} 00:00:00`)}, ${sparkText(timeZone)})`;
}
