/** A row of an extract as COPY wrote it: text by column, null for NULL. */
export type CsvRow = Readonly<Record<string, string | null>>;

/** Rows that were read under one snapshot. */
export interface Change {
  /** Order of the snapshot. */
  readonly order: string;
  /** They are all rows of the table, so what older snapshots held beside them is gone. */
  readonly isWhole: boolean;
  readonly rows: readonly CsvRow[];
  /** Keys of rows that the source no longer has, as the lake writes them; default none. */
  readonly gone?: readonly string[];
}

/**
 * The lake in small: changes fold by key, the newer snapshot wins whatever the order in which they arrive, and
 * changes that are older than the last whole read bring nothing back, nor those that are older than a deletion.
 */
export function createLake(key: readonly string[]) {
  const newest = new Map<string, { readonly order: string; readonly row: CsvRow | null }>();
  let floor = '';
  const keyOf = (row: CsvRow) => JSON.stringify(key.map((name) => row[name]));
  return {
    apply({ order, isWhole, rows, gone = [] }: Change): void {
      if (order < floor) return;
      if (isWhole) {
        floor = order;
        for (const [at, held] of newest) if (held.order < order) newest.delete(at);
      }
      for (const row of rows) {
        const at = keyOf(row);
        if (order >= (newest.get(at)?.order ?? '')) newest.set(at, { order, row });
      }
      for (const at of gone) if (order >= (newest.get(at)?.order ?? '')) newest.set(at, { order, row: null });
    },
    /** Takes rows away as if they had never been there, so that an older change may bring them back. */
    remove(keys: readonly string[]): void {
      for (const at of keys) newest.delete(at);
    },
    /** All rows, by the text of their key. */
    rows: (): ReadonlyMap<string, CsvRow> =>
      new Map([...newest].flatMap(([at, { row }]) => (row === null ? [] : [[at, row]]))),
  };
}

export type Lake = ReturnType<typeof createLake>;

/** Reads COPY's CSV with a header line: an empty field is NULL, a quoted empty one is ''. */
export function readCsv(text: string): CsvRow[] {
  const records: (string | null)[][] = [[]];
  // One field and what ends it; a quoted field may hold commas, line feeds and doubled quotes.
  for (const [, quoted, bare, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))([,\n])/g)) {
    records.at(-1)!.push(quoted === undefined ? bare || null : quoted.replaceAll('""', '"'));
    if (end === '\n') records.push([]);
  }
  records.pop();
  const [header = [], ...rest] = records;
  return rest.map((fields) => Object.fromEntries(header.map((name, at) => [name, fields[at] ?? null])));
}
