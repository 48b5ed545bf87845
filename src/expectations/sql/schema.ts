import type { ColumnType } from '../column-type.ts';

/** A column as the engine sees it. `isText` marks a column that is read as text and cast to its type by the compiler. */
export interface SourceColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly isText: boolean;
  /** Its values are replaced by `***` in every result. */
  readonly isMasked: boolean;
}

/** A table that queries may read: an engine-side relation (already quoted) and its columns in order. */
export interface Source {
  readonly relation: string;
  readonly columns: readonly SourceColumn[];
  /** SQL for a row's position in the data, when the relation carries one; else a window over the whole scan. */
  readonly rowNumber?: string;
}
