/** Where things lie in the journal. Names hold no `/`: Glue allows none in a database or table name. */
export const databaseKey = (database: string): string => `database/${database}`;

/** Prefix of a database's tables. */
export const tablesPrefix = (database: string): string => `table/${database}/`;

export const tableKey = (database: string, table: string): string => `${tablesPrefix(database)}${table}`;

/** Prefix of a table's partitions. */
export const partitionsPrefix = (database: string, table: string): string =>
  `partition/${database}/${table}/`;

export const partitionKey = (database: string, table: string, values: readonly string[]): string =>
  `${partitionsPrefix(database, table)}${JSON.stringify(values)}`;

export const crawlerKey = (crawler: string): string => `crawler/${crawler}`;
