import pg from 'pg';
import { TidemarkError } from '../../core/errors.ts';
import { halve } from './block-ranges.ts';
import { finishPart, type Task } from './entity-job.ts';
import { type PartContext, selectRows } from './read-part.ts';
import type { Session } from './session.ts';

/**
 * Has the database write one range of an entity to S3 as CSV with a header line (aws_s3 of RDS and Aurora), under the
 * session's snapshot and settings, and compares what it says with what is there. A range a part. What comes to more
 * than about 6 GB the database splits into `<name>`, `<name>_part2` and so on, of which the later ones lack the header
 * line; then the range is read in halves instead, and nothing refers to those objects.
 */
export async function exportPart(
  { job, part, first }: Extract<Task, { kind: 'part' }>,
  context: PartContext,
  region: string,
): Promise<void> {
  const { session, request, onChunk } = context;
  const { store } = request;
  if (!store) throw new Error('rds-export needs a place to write to');
  const uri = store.locate(job.entity.name, part);
  const where = `${session.target}: ${job.entity.table}`;
  let range = first;
  let written = await exportRange(context, selectRows(job, range), uri, region);
  while (written.fileCount > 1) {
    const halves = halve(range, job.table.pages.largest);
    if (!halves) {
      throw new TidemarkError(
        'DEFINITION_INVALID',
        `${where}: the database split one read into ${written.fileCount} files at ${uri}, of which only the first has a header line, and there are no blocks to read it in smaller pieces; read this source by method copy`,
      );
    }
    range = halves[0];
    job.ranges.unshift(halves[1]);
    written = await exportRange(context, selectRows(job, range), uri, region);
  }
  const { sizeBytes, rowCount } = written;
  const stored = await store.head(uri);
  if (stored?.sizeBytes !== sizeBytes) {
    throw new TidemarkError(
      'SOURCE_INTERRUPTED',
      `${where}: the database says that it wrote ${sizeBytes} bytes to ${uri}, the store holds ${stored?.sizeBytes ?? 'none'}`,
    );
  }
  job.rowCount += rowCount;
  job.csvBytes += sizeBytes;
  onChunk(job);
  job.taken.set(part, { ranges: [range], csvBytes: sizeBytes });
  finishPart(job, part, { uri, sizeBytes, rowCount, sha256: null });
}

/** What the database says of one export. */
async function exportRange(
  { session }: PartContext,
  query: string,
  uri: string,
  region: string,
): Promise<{ readonly rowCount: number; readonly fileCount: number; readonly sizeBytes: number }> {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri)!;
  const [told] = await session.query<{ rows: string; files: string; bytes: string }>(
    `SELECT rows_uploaded::text AS rows, files_uploaded::text AS files, bytes_uploaded::text AS bytes
       FROM aws_s3.query_export_to_s3(
         ${pg.escapeLiteral(query)},
         aws_commons.create_s3_uri($1, $2, $3),
         options := $4)`,
    [bucket, key, region, `format csv, header true, encoding 'UTF8'`],
    // As long as the scan takes: the server's statement_timeout and watchSessions bound it.
    Number.POSITIVE_INFINITY,
  );
  const { rows, files, bytes } = told!;
  return { rowCount: Number(rows), fileCount: Number(files), sizeBytes: Number(bytes) };
}

/** Throws SOURCE_ACCESS_DENIED when the role cannot export. */
export async function requireExport(session: Session): Promise<void> {
  const problem = await describeMissingExport(session);
  if (problem) throw new TidemarkError('SOURCE_ACCESS_DENIED', `${session.target}: ${problem}`);
}

/** Why the role cannot export, in words; null when it can, as far as the catalog tells. */
export async function describeMissingExport(session: Session): Promise<string | null> {
  const rows = await session.query<{ schema: string; usable: boolean; executable: boolean }>(
    `SELECT n.nspname::text AS schema, has_schema_privilege(n.oid, 'USAGE') AS usable,
            bool_or(has_function_privilege(p.oid, 'EXECUTE')) AS executable
       FROM pg_namespace n JOIN pg_proc p ON p.pronamespace = n.oid
      WHERE (n.nspname, p.proname) IN (('aws_s3', 'query_export_to_s3'), ('aws_commons', 'create_s3_uri'))
      GROUP BY n.oid, n.nspname`,
  );
  if (rows.length < 2) {
    return 'method rds-export needs extension aws_s3: CREATE EXTENSION aws_s3 CASCADE, on RDS or Aurora, or use method copy';
  }
  const denied = rows.filter(({ usable, executable }) => !usable || !executable).map(({ schema }) => schema);
  if (denied.length === 0) return null;
  return `method rds-export: the role may not use ${denied.join(' and ')}: GRANT USAGE ON SCHEMA aws_s3, aws_commons and GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA aws_s3, aws_commons`;
}
