import type { ConnectionOptions } from 'node:tls';
import { TidemarkError } from '../../core/errors.ts';
import type { Source } from '../../ports/source.ts';
import { cutKeys } from './cut-keys.ts';
import { estimateRows } from './estimate-rows.ts';
import { extract, type ReadOptions } from './extract.ts';
import { introspect } from './introspect.ts';
import { probe } from './probe.ts';
import { createRateLimit } from './rate-limit.ts';
import { runInScope, settleWithin } from './scope.ts';
import { describeTarget, type SessionOptions } from './session.ts';

export interface PostgresSourceOptions {
  /** `postgresql://user:password@host:port/database`; `sslmode` and the like in it win over `ssl`. */
  readonly url: string;
  /** Name of the source in the definition, for messages. */
  readonly name: string;
  /**
   * `copy` streams rows through `upload`; `rds-export` has the database write them to S3 itself (aws_s3 on RDS and
   * Aurora), to where the request's `store` says. Default `copy`.
   */
  readonly method?: 'copy' | 'rds-export';
  /** Region of the bucket, for `rds-export`. */
  readonly region?: string;
  /** Ceiling of CSV bytes per second over all connections; default none. It does not bind `rds-export`. */
  readonly maxBytesPerSecond?: number;
  /** Heap of one block range, and CSV bytes at which a part ends; default 128 MiB. */
  readonly partSizeBytes?: number;
  /** Longest single COPY or count; it includes the time that the store needs to take the bytes. Default 1 h. */
  readonly statementTimeoutMs?: number;
  /** Longest wait for a table that a migration holds; default 10 s. */
  readonly lockTimeoutMs?: number;
  /** Silence after which either side gives the other up; default 60 s. */
  readonly idleTimeoutMs?: number;
  /** TLS as node's `tls.connect` takes it; default as the URL says. */
  readonly ssl?: boolean | ConnectionOptions;
}

/** How long a failed extract waits for the store to clear away half-written objects. */
const CLEAN_UP_LIMIT_MS = 2_000;

/**
 * The `Source` port over PostgreSQL 14 or newer. Connections live as long as a call. Errors: SOURCE_UNREACHABLE,
 * SOURCE_AUTH_FAILED, SOURCE_ACCESS_DENIED, SOURCE_TABLE_MISSING, SOURCE_INTERRUPTED, DEFINITION_INVALID, and
 * whatever `upload` throws. Aborted, a call rejects with the signal's reason and the server's sessions end
 * within about a second. `close` does the same to all calls under way. Throws for a URL that cannot be read.
 */
export function createPostgresSource(options: PostgresSourceOptions): Source & { close(): Promise<void> } {
  const session: SessionOptions = {
    url: options.url,
    target: describeTarget(options.url, options.name),
    statementTimeoutMs: options.statementTimeoutMs ?? 3_600_000,
    lockTimeoutMs: options.lockTimeoutMs ?? 10_000,
    idleTimeoutMs: options.idleTimeoutMs ?? 60_000,
    ssl: options.ssl,
  };
  const reading: ReadOptions = {
    rateLimit: options.maxBytesPerSecond ? createRateLimit(options.maxBytesPerSecond) : null,
    partSizeBytes: options.partSizeBytes ?? 128 * 1024 * 1024,
    exportRegion: options.method === 'rds-export' ? (options.region ?? '') : null,
  };
  const closing = new AbortController();
  const running = new Set<Promise<unknown>>();

  const run = <T>(signals: AbortSignal[], work: (scope: AbortSignal) => Promise<T>): Promise<T> => {
    const call = runInScope([closing.signal, ...signals], work);
    running.add(call);
    const forget = () => running.delete(call);
    call.then(forget, forget);
    return call;
  };

  return {
    introspect: (tables) => run([], (scope) => introspect(session, tables, scope)),
    estimateRows: (table, reads) => run([], (scope) => estimateRows(session, table, reads, scope)),
    cutKeys: (table, key, rowsPerRange) =>
      run([], (scope) => cutKeys(session, table, key, rowsPerRange, scope)),
    extract: async (request) => {
      const uploads = new Set<Promise<unknown>>();
      try {
        return await run([request.signal], (scope) => extract(session, reading, request, uploads, scope));
      } catch (error) {
        await settleWithin(CLEAN_UP_LIMIT_MS, [...uploads]);
        throw error;
      }
    },
    probe: async (tables, cursors = []) => {
      try {
        return await run([], (scope) =>
          probe(session, tables, { cursors, isExported: reading.exportRegion !== null }, scope),
        );
      } catch (error) {
        return [error instanceof TidemarkError ? error.message : String(error)];
      }
    },
    close: async () => {
      closing.abort(new TidemarkError('SOURCE_INTERRUPTED', `${session.target}: closed by the worker`));
      await Promise.allSettled(running);
    },
  };
}
