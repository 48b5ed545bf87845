import { notFound } from './input.ts';
import type { Journal } from './journal.ts';
import { databaseKey, tableKey } from './keys.ts';
import type { Database, Table } from './shapes.ts';

/** The database, or `EntityNotFoundException`. */
export function requireDatabase(journal: Journal, name: string): Database {
  const database = journal.get<Database>(databaseKey(name));
  if (database === undefined) throw notFound(`Database ${name} not found.`);
  return database;
}

/** The table, or `EntityNotFoundException`. */
export function requireTable(journal: Journal, database: string, name: string): Table {
  requireDatabase(journal, database);
  const table = journal.get<Table>(tableKey(database, name));
  if (table === undefined) throw notFound(`Table ${name} not found.`);
  return table;
}
