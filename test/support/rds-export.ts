import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ThrowawayPostgres } from './postgres.ts';

const UPLOADER = fileURLToPath(new URL('put-object.mjs', import.meta.url));

/**
 * Gives a server what RDS and Aurora have after `CREATE EXTENSION aws_s3 CASCADE`, by name and signature, as far as
 * exports need it. The function really runs the query in the caller's transaction and really stores the object, with
 * the AWS environment that the server was started with. Its failures read as RDS's do. `role` may use it. What is larger
 * than setting `export.split_bytes` goes to several objects: `<name>`, `<name>_part2` and so on; RDS splits at about 6 GB.
 */
export async function installExport(server: ThrowawayPostgres, role: string): Promise<void> {
  const sizes = await mkdtemp(join(tmpdir(), 'tidemark-export-'));
  const command = `${process.execPath} ${UPLOADER}`;
  await server.sql(`
    create schema aws_commons;
    create schema aws_s3;
    create type aws_commons._s3_uri_1 as (bucket text, file_path text, region text);
    create function aws_commons.create_s3_uri(s3_bucket text, s3_key text, aws_region text)
      returns aws_commons._s3_uri_1 language sql immutable as $$ select row(s3_bucket, s3_key, aws_region)::aws_commons._s3_uri_1 $$;
    create function aws_s3.query_export_to_s3(
        query text, s3_info aws_commons._s3_uri_1, options text default null, kms_key text default null,
        out rows_uploaded bigint, out files_uploaded bigint, out bytes_uploaded bigint)
      returns record language plpgsql security definer as $$
      declare
        told text := '${sizes}/' || gen_random_uuid();
        split_bytes bigint := coalesce(nullif(current_setting('export.split_bytes', true), ''), '6442450944');
      begin
        execute format('copy (%s) to program %L with (%s)', query,
          format('${command} %s %s %s %s %s', s3_info.bucket, s3_info.file_path, s3_info.region, told, split_bytes), options);
        get diagnostics rows_uploaded = row_count;
        files_uploaded := split_part(pg_read_file(told), ' ', 1)::bigint;
        bytes_uploaded := split_part(pg_read_file(told), ' ', 2)::bigint;
      exception when external_routine_exception then
        raise exception 'could not upload to Amazon S3'
          using detail = format('Amazon S3 client returned ''%s''.', pg_read_file(told, true));
      end $$;
    grant usage on schema aws_commons, aws_s3 to ${role};
    grant execute on all functions in schema aws_commons, aws_s3 to ${role}`);
}
