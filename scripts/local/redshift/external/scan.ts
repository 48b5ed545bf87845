import type { Table } from '@aws-sdk/client-glue';
import { RedshiftError, unsupported } from '../errors.ts';
import { quoteLiteral, quoteName } from '../sql/tokens.ts';
import { type ExternalType, externalType } from './glue-types.ts';
import type { Lake, LakeFile } from './lake.ts';
import type { FileSchema } from './parquet-schema.ts';
import type { Pruning } from './partition-pruning.ts';

interface ScanColumn extends ExternalType {
  name: string;
}

/** A file with the partition values of the place it was found in. */
interface PlacedFile {
  file: LakeFile;
  values: readonly string[];
}

const fileColumn = '__stand_in_file';
const hiveNull = '__HIVE_DEFAULT_PARTITION__';

/**
 * The query that reads an external table: columns by name, cast to the types of the catalog, NULL where a file has
 * no such column, partition values from the catalog, and nothing from the path.
 *
 * Files of one physical schema are read together. A filter on a partition column skips the files of the others,
 * because the engine can work out the value from the file name alone.
 */
export async function externalScan(lake: Lake, table: Table, pruning?: Pruning): Promise<string> {
  const name = `${table.DatabaseName}.${table.Name}`;
  requireParquet(table, name);
  const columns = (table.StorageDescriptor?.Columns ?? []).map((column) => scanColumn(column));
  const keys = (table.PartitionKeys ?? []).map((column) => scanColumn(column));
  const files = await placedFiles(lake, table, pruning);
  if (files.length === 0) return emptyScan([...columns, ...keys]);
  const schemas = await readSchemas(lake, files);
  const groups = new Map<string, PlacedFile[]>();
  for (const placed of files) {
    const schema = schemas.get(placed.file.url) ?? [];
    checkTypes(placed.file, schema, columns, table.StorageDescriptor?.Location ?? '');
    const id = JSON.stringify(schema.map((column) => [column.name, column.duckdbType]));
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [placed]);
    else group.push(placed);
  }
  const scans = [...groups.values()].map((group) => {
    const present = new Set((schemas.get(group[0]?.file.url ?? '') ?? []).map((column) => column.name));
    return scanGroup(group, columns, keys, present);
  });
  return `(${scans.join(' UNION ALL ')})`;
}

/** Columns of an external table with their types, partition keys last. */
export function externalColumns(table: Table): { name: string; type: string; partKey: number }[] {
  const keys = (table.PartitionKeys ?? []).map((key, index) => ({ ...scanColumn(key), partKey: index + 1 }));
  const columns = (table.StorageDescriptor?.Columns ?? []).map((one) => ({ ...scanColumn(one), partKey: 0 }));
  return [...columns, ...keys].map(({ name, type, partKey }) => ({ name, type: type.display, partKey }));
}

function scanColumn({ Name, Type }: { Name?: string | undefined; Type?: string | undefined }): ScanColumn {
  const name = (Name ?? '').toLowerCase();
  return { name, ...externalType(name, Type ?? 'string') };
}

function requireParquet(table: Table, name: string): void {
  const format = `${table.StorageDescriptor?.InputFormat ?? ''} ${table.Parameters?.classification ?? ''}`;
  if (!/parquet/i.test(format)) throw unsupported(`the external table ${name}: it is not Parquet`);
}

async function placedFiles(lake: Lake, table: Table, pruning: Pruning | undefined): Promise<PlacedFile[]> {
  const places =
    (table.PartitionKeys ?? []).length > 0
      ? await partitionPlaces(lake, table, pruning)
      : [wholeTable(table)];
  const files = await lake.filesOf(places.map((place) => place.location));
  return places.flatMap(({ values }, index) => (files[index] ?? []).map((file) => ({ file, values })));
}

interface Place {
  location: string;
  values: readonly string[];
}

const wholeTable = (table: Table): Place => ({
  location: table.StorageDescriptor?.Location ?? '',
  values: [],
});

async function partitionPlaces(lake: Lake, table: Table, pruning: Pruning | undefined): Promise<Place[]> {
  const tests = (table.PartitionKeys ?? []).map(
    (key) => pruning?.testsFor(key.Name ?? '', key.Type ?? '') ?? [],
  );
  const isWanted = (values: readonly string[]): boolean =>
    tests.every((list, index) => list.every((test) => test(values[index] ?? '')));
  const partitions = await lake.partitions(table.DatabaseName ?? '', table.Name ?? '');
  return partitions
    .map(({ StorageDescriptor, Values = [] }) => ({
      location: StorageDescriptor?.Location ?? '',
      values: Values,
    }))
    .filter(({ values }) => isWanted(values));
}

async function readSchemas(lake: Lake, files: readonly PlacedFile[]): Promise<Map<string, FileSchema>> {
  try {
    return await lake.schemasOf(files.map(({ file }) => file));
  } catch (error) {
    throw new RedshiftError(`Spectrum Scan Error: a file is not valid Parquet: ${firstLine(error)}`);
  }
}

function checkTypes(
  file: LakeFile,
  schema: FileSchema,
  columns: readonly ScanColumn[],
  location: string,
): void {
  for (const column of columns) {
    const found = schema.find((one) => one.name === column.name);
    if (found === undefined || column.accepts.includes(found.duckdbType ?? '')) continue;
    throw new RedshiftError(
      `Spectrum Scan Error: File '${file.url}' has an incompatible Parquet schema for column ` +
        `'${location}.${column.name}'. Column type: ${column.type.display.toUpperCase()}, Parquet schema: ${found.text}`,
    );
  }
}

function scanGroup(
  files: readonly PlacedFile[],
  columns: readonly ScanColumn[],
  keys: readonly ScanColumn[],
  present: ReadonlySet<string>,
): string {
  const selected = columns.map((column) => {
    const value = present.has(column.name) ? quoteName(column.name) : 'NULL';
    return castColumn(value, column);
  });
  const partitions = keys.map((key, index) => castColumn(partitionValue(files, index), key));
  const urls = files.map(({ file }) => quoteLiteral(file.url)).join(', ');
  const source = `read_parquet([${urls}], filename = '${fileColumn}', hive_partitioning = false)`;
  return `SELECT ${[...selected, ...partitions].join(', ')} FROM ${source}`;
}

function castColumn(value: string, { name, type }: ScanColumn): string {
  const cast = `CAST(${value} AS ${type.duckdb})`;
  const checked =
    type.maxBytes === undefined
      ? cast
      : `memory.fn.fit_external(${cast}, ${type.maxBytes}, ${quoteLiteral(name)})`;
  return `${checked} AS ${quoteName(name)}`;
}

function partitionValue(files: readonly PlacedFile[], index: number): string {
  const literal = ({ values }: PlacedFile): string => {
    const value = values[index];
    return value === undefined || value === hiveNull ? 'NULL' : quoteLiteral(value);
  };
  const [first] = files;
  if (first !== undefined && files.every((one) => one.values[index] === first.values[index]))
    return literal(first);
  const entries = files.map((placed) => `${quoteLiteral(placed.file.url)}: ${literal(placed)}`);
  return `(MAP {${entries.join(', ')}})[${quoteName(fileColumn)}]`;
}

function emptyScan(columns: readonly ScanColumn[]): string {
  const selected = columns.map(({ name, type }) => `CAST(NULL AS ${type.duckdb}) AS ${quoteName(name)}`);
  return `(SELECT ${selected.join(', ')} WHERE false)`;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
