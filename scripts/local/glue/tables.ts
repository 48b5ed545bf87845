import { AwsError, type Operation } from '../aws-json.ts';
import {
  alreadyExists,
  asInput,
  type Input,
  invalid,
  nowSeconds,
  page,
  requireList,
  requireName,
  requireObject,
} from './input.ts';
import type { Change, Journal } from './journal.ts';
import { partitionsPrefix, tableKey, tablesPrefix } from './keys.ts';
import { requireDatabase, requireTable } from './lookup.ts';
import { catalogId, type Table } from './shapes.ts';

/** The changes that remove a table and its partitions. */
export function removeTable(journal: Journal, database: string, name: string): Change[] {
  const partitions = journal.keys(partitionsPrefix(database, name));
  return [...partitions, tableKey(database, name)].map((key) => [key, null]);
}

/** A table built from a `TableInput`, at the given version. */
export function tableFrom(database: string, given: Input, previous?: Table): Table {
  const now = nowSeconds();
  return {
    ...given,
    Name: requireName(given, 'Name'),
    DatabaseName: database,
    VersionId: previous === undefined ? '0' : String(Number(previous.VersionId) + 1),
    CreateTime: previous?.CreateTime ?? now,
    UpdateTime: now,
    CatalogId: catalogId,
  };
}

/** CreateTable, UpdateTable, GetTable, GetTables, DeleteTable, BatchDeleteTable. */
export function tableOperations(journal: Journal): Record<string, Operation> {
  return {
    CreateTable: async (request) => {
      const input = asInput(request);
      const database = requireName(input, 'DatabaseName');
      requireDatabase(journal, database);
      const table = tableFrom(database, requireObject(input, 'TableInput'));
      const key = tableKey(database, table.Name);
      if (journal.get(key) !== undefined) throw alreadyExists('Table already exists.');
      journal.commit([[key, table]]);
      return {};
    },
    UpdateTable: async (request) => updateTable(journal, asInput(request)),
    GetTable: async (request) => {
      const input = asInput(request);
      return {
        Table: requireTable(journal, requireName(input, 'DatabaseName'), requireName(input, 'Name')),
      };
    },
    GetTables: async (request) => {
      const input = asInput(request);
      const database = requireName(input, 'DatabaseName');
      requireDatabase(journal, database);
      const named = namePattern(input.Expression);
      const tables = journal.list<Table>(tablesPrefix(database)).filter((table) => named.test(table.Name));
      const { items, ...rest } = page(tables, input, 100);
      return { TableList: items, ...rest };
    },
    DeleteTable: async (request) => {
      const input = asInput(request);
      const database = requireName(input, 'DatabaseName');
      const { Name } = requireTable(journal, database, requireName(input, 'Name'));
      journal.commit(removeTable(journal, database, Name));
      return {};
    },
    BatchDeleteTable: async (request) => {
      const input = asInput(request);
      const database = requireName(input, 'DatabaseName');
      requireDatabase(journal, database);
      const names = requireList(input, 'TablesToDelete', 100).map((name) => String(name).toLowerCase());
      const isThere = (name: string): boolean => journal.get(tableKey(database, name)) !== undefined;
      const missing = names.filter((name) => !isThere(name));
      journal.commit(names.filter(isThere).flatMap((name) => removeTable(journal, database, name)));
      return { Errors: missing.map((name) => tableError(name)) };
    },
  };
}

function updateTable(journal: Journal, input: Input): unknown {
  const database = requireName(input, 'DatabaseName');
  const given = requireObject(input, 'TableInput');
  const previous = requireTable(journal, database, requireName(given, 'Name'));
  if (input.VersionId !== undefined && input.VersionId !== previous.VersionId) {
    throw new AwsError(
      'ConcurrentModificationException',
      'Update table failed due to concurrent modifications.',
    );
  }
  const table = tableFrom(database, given, previous);
  journal.commit([[tableKey(database, table.Name), table]]);
  return {};
}

function tableError(name: string): unknown {
  return {
    TableName: name,
    ErrorDetail: { ErrorCode: 'EntityNotFoundException', ErrorMessage: `Table ${name} not found.` },
  };
}

function namePattern(expression: unknown): RegExp {
  if (expression === undefined) return /^/;
  try {
    return new RegExp(`^(?:${String(expression)})$`, 'i');
  } catch {
    throw invalid(`Expression is not a regular expression: ${String(expression)}`);
  }
}
