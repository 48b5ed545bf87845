import type { Dialect } from './dialect.ts';
import type { Source } from './schema.ts';

/** What a query needs of a source: columns by position, joined key sets, row positions. */
export interface RelationUse {
  readonly columns: Set<number>;
  readonly joins: Set<string>;
  needsRowNumber: boolean;
}

/** An empty use, to be filled by the columns that a check asks for. */
export function emptyUse(): RelationUse {
  return { columns: new Set(), joins: new Set(), needsRowNumber: false };
}

/** The use that covers all given ones, so that many checks can share one scan. */
export function unionUse(uses: Iterable<RelationUse>): RelationUse {
  const all = emptyUse();
  for (const use of uses) {
    for (const column of use.columns) all.columns.add(column);
    for (const join of use.joins) all.joins.add(join);
    all.needsRowNumber ||= use.needsRowNumber;
  }
  return all;
}

/**
 * The FROM clause of a query over a source. Inside, the n-th column is `b.r<n>` as stored and `b.c<n>` typed, so no
 * name of the data appears beyond this one place. NaN counts as NULL.
 */
export function fromClause(source: Source, use: RelationUse, dialect: Dialect): string {
  const items = [...use.columns].sort((a, b) => a - b).map((index) => columnItems(source, index, dialect));
  if (use.needsRowNumber) items.push(`${source.rowNumber ?? dialect.rowNumber()} as rn`);
  if (items.length === 0) items.push('1 as nothing');
  const joins = [...use.joins].map((join) => ` left join ${join}`).join('');
  return `(select ${items.join(', ')} from ${source.relation} r) b${joins}`;
}

function columnItems(source: Source, index: number, dialect: Dialect): string {
  const column = source.columns[index]!;
  const name = `r.${dialect.identifier(column.name)}`;
  if (column.isText) {
    const cast = dialect.tryCast(name, column.type);
    const typed =
      column.type.family === 'float' ? `case when not ${dialect.isNaN(cast)} then ${cast} end` : cast;
    const raw =
      column.type.family === 'float' ? `case when ${dialect.isNaN(cast)} then null else ${name} end` : name;
    return `${raw} as r${index}, ${typed} as c${index}`;
  }
  if (column.type.family === 'float')
    return `case when not ${dialect.isNaN(name)} then ${name} end as c${index}`;
  return `${name} as c${index}`;
}
