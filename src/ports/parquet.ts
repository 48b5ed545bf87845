/** Reads what a Parquet file says of itself, from its footer alone. */
export interface ParquetFooters {
  /** Three ranged reads; fails with OBJECT_CHANGED when the object is no longer `etag`. */
  read(file: { uri: string; sizeBytes: number; etag: string }): Promise<ParquetFooter>;
}

export interface ParquetFooter {
  readonly rowCount: number;
  readonly rowGroupCount: number;
  /** Top-level columns in file order; `type` is physical with the converted type, such as `INT32/DATE` or `BYTE_ARRAY/UTF8` or `INT64/DECIMAL(10,2)`. */
  readonly columns: readonly { readonly name: string; readonly type: string; readonly nullable: boolean }[];
}
