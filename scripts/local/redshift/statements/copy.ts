import { requireWritable } from '../catalog.ts';
import type { ColumnInfo } from '../column-info.ts';
import { RedshiftError, unsupported } from '../errors.ts';
import type { LakeFile } from '../external/lake.ts';
import type { FileColumn } from '../external/parquet-schema.ts';
import { claimTable, type Session, type StatementOutcome } from '../session.ts';
import type { Cursor } from '../sql/cursor.ts';
import { columnNames } from '../sql/query.ts';
import { quoteLiteral, quoteName } from '../sql/tokens.ts';
import { findColumn, insertQuery } from './insert.ts';

/**
 * COPY table [(columns)] FROM 's3://...' IAM_ROLE ... FORMAT AS PARQUET [MANIFEST]: columns by position, in equal
 * number, of the same type. The cursor stands behind COPY.
 */
export async function copy(session: Session, cursor: Cursor): Promise<StatementOutcome> {
  const name = cursor.qualifiedName();
  const list = cursor.takeGroup();
  cursor.expect('from');
  const location = cursor.string();
  const options = readOptions(cursor);
  if (!options.isParquet) throw unsupported('COPY of other formats than PARQUET');
  if (!options.hasRole) throw new RedshiftError('COPY needs IAM_ROLE');
  await claimTable(session, name);
  const columns = await requireWritable(session, name);
  const listed =
    list === undefined ? undefined : columnNames(list.items).map((one) => findColumn(columns, one, name));
  const targets = listed ?? columns;
  const files = options.isManifest
    ? await manifestFiles(session, location)
    : await session.lake.list(location);
  if (files.length === 0) throw new RedshiftError(`The specified S3 prefix '${location}' does not exist`);
  const schemas = await session.lake.schemasOf(files);
  for (const file of files) checkSchema(file, schemas.get(file.url) ?? [], targets);
  const reads = files.map((file) => {
    const selected = (schemas.get(file.url) ?? []).map((column, index) => {
      const target = targets[index];
      const value = quoteName(column.name);
      return /^timestamp without/.test(target?.type ?? '') ? `CAST(${value} AS TIMESTAMP)` : value;
    });
    return `SELECT ${selected.join(', ')} FROM read_parquet(${quoteLiteral(file.url)}, hive_partitioning = false)`;
  });
  return insertQuery(session, name, columns, listed, reads.join(' UNION ALL '));
}

interface CopyOptions {
  isParquet: boolean;
  isManifest: boolean;
  hasRole: boolean;
}

function readOptions(cursor: Cursor): CopyOptions {
  const options: CopyOptions = { isParquet: false, isManifest: false, hasRole: false };
  while (!cursor.atEnd) {
    if (cursor.take('iam_role')) {
      options.hasRole = true;
      if (!cursor.take('default')) cursor.string();
    } else if (cursor.take('format')) {
      cursor.take('as');
      options.isParquet = cursor.identifier() === 'parquet';
    } else if (cursor.take('manifest')) options.isManifest = true;
    else if (cursor.take('region')) {
      cursor.take('as');
      cursor.string();
    } else if (
      !(
        cursor.take('statupdate', 'on') ||
        cursor.take('statupdate', 'off') ||
        cursor.take('compupdate', 'off')
      )
    ) {
      throw cursor.unexpected();
    }
  }
  return options;
}

interface Manifest {
  entries?: { url?: string; mandatory?: boolean; meta?: { content_length?: number } }[];
}

async function manifestFiles(session: Session, location: string): Promise<LakeFile[]> {
  const manifest = JSON.parse(await session.lake.readText(location)) as Manifest;
  const files: LakeFile[] = [];
  for (const { url, mandatory, meta } of manifest.entries ?? []) {
    if (url === undefined)
      throw new RedshiftError(`Manifest file is not in correct json format: ${location}`);
    if (meta?.content_length === undefined) {
      throw new RedshiftError(`The manifest entry ${url} lacks meta.content_length, which PARQUET needs`);
    }
    const found = (await session.lake.list(url)).find((file) => file.url === url);
    if (found !== undefined) files.push(found);
    else if (mandatory === true) throw new RedshiftError(`The specified key does not exist: ${url}`);
  }
  return files;
}

const accepted: readonly (readonly [type: RegExp, duckdb: RegExp])[] = [
  [/^smallint$/, /^SMALLINT$/],
  [/^integer$/, /^INTEGER$/],
  [/^bigint$/, /^BIGINT$/],
  [/^real$/, /^FLOAT$/],
  [/^double precision$/, /^DOUBLE$/],
  [/^boolean$/, /^BOOLEAN$/],
  [/^date$/, /^DATE$/],
  [/^timestamp /, /^TIMESTAMP/],
  [/^character/, /^VARCHAR$/],
];

function checkSchema(file: LakeFile, schema: readonly FileColumn[], targets: readonly ColumnInfo[]): void {
  if (schema.length !== targets.length) {
    throw new RedshiftError(
      `Spectrum Scan Error: Unmatched number of columns between table and file. Table columns: ${targets.length}, ` +
        `Data columns: ${schema.length}, File name: ${file.url}`,
    );
  }
  for (const [index, target] of targets.entries()) {
    const column = schema[index];
    const found = column?.duckdbType ?? '';
    const isSame = target.type.startsWith('numeric')
      ? found === target.type.replace('numeric', 'DECIMAL')
      : accepted.some(([type, duckdb]) => type.test(target.type) && duckdb.test(found));
    if (isSame) continue;
    throw new RedshiftError(
      `Spectrum Scan Error: File '${file.url}' has an incompatible Parquet schema for column '${target.name}'. ` +
        `Column type: ${target.type.toUpperCase()}, Parquet schema: ${column?.text}`,
    );
  }
}
