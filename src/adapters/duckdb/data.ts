import { parseColumnType } from '../../expectations/column-type.ts';
import { listFiles } from './list-files.ts';
import type { Batch, RunSuiteOptions, TableFiles } from './types.ts';

/** Files that together are one table, as a person names them. */
export interface TableData extends Omit<TableFiles, 'format' | 'files'> {
  /** Default: as the files' names say. */
  readonly format?: 'csv' | 'parquet';
  /** Files, folders and patterns (`*`, `?`, `[ab]`, `**`), local or `s3://`; an empty list is a table without rows. */
  readonly files: readonly string[];
}

/**
 * The data of a suite: a path, paths, or files with what is known of them and other tables by name. What its `masked` names is
 * masked in the other tables too.
 */
export type Data =
  | string
  | readonly string[]
  | (TableData & { readonly tables?: Readonly<Record<string, TableData>> });

type Access = Pick<RunSuiteOptions, 's3' | 'httpfsPath'>;

/**
 * Lists the files that the data stands for and tells their format. Folders `name=value` below a Parquet folder are columns
 * that the files lack. Other tables that `isNeeded` leaves out stay unlisted. Throws `EngineError` `missing` for a path that names nothing, `TypeError` where no
 * format can be told, or a type is none.
 */
export async function resolveData(
  data: Data,
  access: Access,
  isNeeded: (table: string) => boolean = () => true,
): Promise<Batch> {
  if (typeof data === 'string') return await resolveTable({ files: [data] }, access);
  if (isList(data)) return await resolveTable({ files: data }, access);
  const { tables = {}, ...table } = data;
  const others: [string, TableFiles][] = [];
  for (const [name, other] of Object.entries(tables)) {
    others.push([name, isNeeded(name) ? await resolveTable(other, access) : { format: 'csv', files: [] }]);
  }
  return { ...(await resolveTable(table, access)), tables: Object.fromEntries(others) };
}

function isList(data: Data): data is readonly string[] {
  return Array.isArray(data);
}

async function resolveTable(table: TableData, access: Access): Promise<TableFiles> {
  refuseUnknownTypes(table.types ?? {});
  const files = await listFiles(table.files, access);
  const format = table.format ?? formatOf(files);
  const partition = table.partition ?? (format === 'parquet' ? partitionOf(files) : {});
  return { ...table, files, format, ...(Object.keys(partition).length > 0 ? { partition } : {}) };
}

/** A type that is misspelled would be read as text. */
function refuseUnknownTypes(types: Readonly<Record<string, string>>): void {
  const found = Object.entries(types).find(([, type]) => parseColumnType(type).family === 'other');
  if (found === undefined) return;
  const [name, type] = found;
  throw new TypeError(
    `"${type}", the type of column "${name}", is not known; known are bigint, integer, smallint, numeric(p,s), double, boolean, text, date, timestamp, timestamptz, time, uuid, json`,
  );
}

function formatOf(files: readonly string[]): 'csv' | 'parquet' {
  const formats = new Set(
    files.map((file) =>
      /\.(parquet|pq)$/i.test(file) ? 'parquet' : /\.csv(\.\w+)?$/i.test(file) ? 'csv' : null,
    ),
  );
  const [format = 'csv'] = formats;
  if (formats.size > 1)
    throw new TypeError(
      'the files are of several formats; name those of one, or give the format (csv or parquet)',
    );
  if (format === null)
    throw new TypeError(
      `${files[0]} does not end in .csv, .csv.gz or .parquet; give the format (csv or parquet)`,
    );
  return format;
}

/** Columns that every path carries as `name=value`, with the narrowest of bigint, date and text that fits all values. */
function partitionOf(files: readonly string[]): Record<string, string> {
  const found = files.map(
    (file) =>
      new Map([...file.matchAll(/(?<=\/)([^/=]+)=([^/]*)(?=\/)/g)].map(([, name, value]) => [name!, value!])),
  );
  const names = [...(found[0]?.keys() ?? [])].filter((name) => found.every((values) => values.has(name)));
  return Object.fromEntries(names.map((name) => [name, typeOf(found.map((values) => values.get(name)!))]));
}

function typeOf(values: readonly string[]): string {
  if (values.every((value) => /^(0|-?[1-9]\d{0,17})$/.test(value))) return 'BIGINT';
  return values.every((value) => /^\d{4}-\d{2}-\d{2}$/.test(value)) ? 'DATE' : 'VARCHAR';
}
