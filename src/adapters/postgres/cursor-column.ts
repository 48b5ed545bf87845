/** The cursor of an entity, as far as its column is concerned. */
export interface CursorColumn {
  readonly mode: 'timestamp' | 'xid8-column';
  readonly column: string;
  readonly lagSeconds?: number;
}

/** The westernmost time zone is 12 hours behind UTC, so a local time lies at most that much before the instant. */
const MAX_WEST_SECONDS = 43_200;

/** Why a column cannot serve as cursor, in words; null when it can, also when it is absent. */
export function describeCursorColumn(
  { mode, column, lagSeconds }: CursorColumn,
  columns: readonly { readonly name: string; readonly type: string }[],
): string | null {
  const type = columns.find((each) => each.name === column)?.type;
  if (type === undefined) return null;
  if (mode === 'xid8-column') {
    return type === 'xid8'
      ? null
      : `cursor column ${column} is ${type}; xid8-column needs an xid8 column that a trigger sets to pg_current_xact_id()`;
  }
  if (/^timestamp(\(\d\))? with time zone$/.test(type)) return null;
  if (!/^timestamp(\(\d\))? without time zone$/.test(type)) {
    return `cursor column ${column} is ${type}; a timestamp cursor needs timestamptz`;
  }
  // Absent where only the read is known: then the definition has been looked at before.
  if (lagSeconds === undefined || lagSeconds >= MAX_WEST_SECONDS) return null;
  return `cursor column ${column} is ${type}, which holds the local time of whoever wrote it; make it timestamptz, or set lagSeconds to ${MAX_WEST_SECONDS} or more`;
}
