import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { duckdbDialect } from '../../expectations/sql/duckdb.ts';
import { EngineError } from './engine-error.ts';
import type { RunSuiteOptions, S3Access } from './types.ts';

/** An engine that can read the given files and nothing else. */
export interface Engine {
  readonly connection: DuckDBConnection;
  close(): Promise<void>;
}

const { string: quote } = duckdbDialect;

/**
 * Opens an in-memory engine with limits on memory, threads and disk, lets it read exactly `files`, and locks it: no
 * other files, no network, no extensions, no settings from then on. Throws `EngineError`.
 */
export async function openEngine(files: readonly string[], options: RunSuiteOptions): Promise<Engine> {
  const directory = await mkdtemp(join(tmpdir(), 'tidemark-checks-'));
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(options.threads ?? 2),
    memory_limit: options.memoryLimit ?? '400MB',
    temp_directory: directory,
    max_temp_directory_size: options.maxTemporarySize ?? '10GB',
  });
  const connection = await instance.connect();
  const close = async () => {
    connection.closeSync();
    instance.closeSync();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await prepare(connection, files, options);
  } catch (error) {
    await close();
    throw error;
  }
  return { connection, close };
}

async function prepare(
  connection: DuckDBConnection,
  files: readonly string[],
  options: RunSuiteOptions,
): Promise<void> {
  await connection.run("set TimeZone = 'UTC'");
  if (files.some((file) => file.startsWith('s3://'))) await openS3(connection, options);
  await connection.run(`set allowed_paths = [${files.map(quote).join(', ')}]`);
  await connection.run('set autoinstall_known_extensions = false');
  await connection.run('set autoload_known_extensions = false');
  await connection.run('set allow_community_extensions = false');
  await connection.run('set enable_external_access = false');
  await connection.run('set lock_configuration = true');
}

/** Loads httpfs and stores the access in a secret of this engine's memory. No error tells what was in it. */
export async function openS3(
  connection: DuckDBConnection,
  options: Pick<RunSuiteOptions, 's3' | 'httpfsPath'>,
): Promise<void> {
  try {
    if (options.httpfsPath === undefined) await connection.run('install httpfs');
    await connection.run(`load ${quote(options.httpfsPath ?? 'httpfs')}`);
  } catch {
    throw new EngineError(
      'internal',
      'the DuckDB extension httpfs could not be loaded, so s3:// files cannot be read; give its file as httpfsPath, or in TIDEMARK_DUCKDB_HTTPFS to a command',
    );
  }
  try {
    await connection.run(`create secret tidemark (${secretOptions(options.s3 ?? {}).join(', ')})`);
  } catch {
    throw new EngineError('access', 'DuckDB refused the S3 settings; check endpoint, region and urlStyle');
  }
}

function secretOptions(access: S3Access): string[] {
  const endpoint = access.endpoint?.replace(/\/+$/, '');
  const useSsl = access.useSsl ?? !endpoint?.startsWith('http://');
  const items = ['type s3', `use_ssl ${useSsl}`, `region ${quote(access.region ?? 'us-east-1')}`];
  if (endpoint !== undefined) items.push(`endpoint ${quote(endpoint.replace(/^https?:\/\//, ''))}`);
  items.push(`url_style ${quote(access.urlStyle ?? (endpoint === undefined ? 'vhost' : 'path'))}`);
  if (access.accessKeyId !== undefined) items.push(`key_id ${quote(access.accessKeyId)}`);
  if (access.secretAccessKey !== undefined) items.push(`secret ${quote(access.secretAccessKey)}`);
  if (access.sessionToken !== undefined) items.push(`session_token ${quote(access.sessionToken)}`);
  return items;
}
