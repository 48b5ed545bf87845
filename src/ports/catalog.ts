/** The Glue Data Catalog. All calls are idempotent. */
export interface Catalog {
  ensureDatabase(name: string, description: string): Promise<void>;
  /** Creates or updates a table and makes its partitions exactly those given. */
  putTable(database: string, table: CatalogTable): Promise<void>;
  dropTables(database: string, names: readonly string[]): Promise<void>;
  listTables(database: string): Promise<string[]>;
  /** Checks that the catalog can be reached (doctor). */
  probe(): Promise<void>;
}

export interface CatalogTable {
  readonly name: string;
  readonly description: string;
  /** Prefix that holds the files of a table without partitions. */
  readonly location: string;
  /** Hive types; partition column excluded. */
  readonly columns: readonly { readonly name: string; readonly type: string; readonly comment: string }[];
  readonly partitionKey: { readonly name: string; readonly type: string } | null;
  readonly partitions: readonly {
    readonly value: string;
    readonly location: string;
    readonly rowCount: number;
  }[];
  readonly parameters: Readonly<Record<string, string>>;
}
