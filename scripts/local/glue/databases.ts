import type { Operation } from '../aws-json.ts';
import { alreadyExists, asInput, nowSeconds, page, requireName, requireObject } from './input.ts';
import type { Change, Journal } from './journal.ts';
import { databaseKey, tablesPrefix } from './keys.ts';
import { requireDatabase } from './lookup.ts';
import { catalogId, type Database, type Table } from './shapes.ts';
import { removeTable } from './tables.ts';

/** CreateDatabase, GetDatabase, GetDatabases, DeleteDatabase (with all its tables). */
export function databaseOperations(journal: Journal): Record<string, Operation> {
  return {
    CreateDatabase: async (request) => {
      const given = requireObject(asInput(request), 'DatabaseInput');
      const name = requireName(given, 'Name');
      if (journal.get(databaseKey(name)) !== undefined) throw alreadyExists('Database already exists.');
      const database: Database = {
        ...given,
        Name: name,
        CreateTime: nowSeconds(),
        CatalogId: catalogId,
      };
      journal.commit([[databaseKey(name), database]]);
      return {};
    },
    GetDatabase: async (request) => ({
      Database: requireDatabase(journal, requireName(asInput(request), 'Name')),
    }),
    GetDatabases: async (request) => {
      const { items, ...rest } = page(journal.list<Database>(databaseKey('')), asInput(request), 100);
      return { DatabaseList: items, ...rest };
    },
    DeleteDatabase: async (request) => {
      const name = requireName(asInput(request), 'Name');
      requireDatabase(journal, name);
      const tables = journal.list<Table>(tablesPrefix(name));
      const changes: Change[] = tables.flatMap((table) => removeTable(journal, name, table.Name));
      journal.commit([...changes, [databaseKey(name), null]]);
      return {};
    },
  };
}
