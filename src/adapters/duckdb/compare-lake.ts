import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TidemarkError } from '../../core/errors.ts';
import { duckdbHash } from '../../core/row-hash.ts';
import { QueryRefused } from '../../expectations/run-checks.ts';
import { duckdbDialect } from '../../expectations/sql/duckdb.ts';
import type { LakeComparer, LakeState } from '../../ports/lake-comparer.ts';
import { type CheckRunnerOptions, translatingErrors } from './check-runner.ts';
import { csvRows, makeState } from './compare-state.ts';
import { type Engine, openEngine } from './connection.ts';
import { withAbsolutePaths } from './paths.ts';
import { runQuery } from './query.ts';

const { string: quote } = duckdbDialect;

/** The `LakeComparer` in this process, in DuckDB: two columns of the lake's files, and the extract's CSV. */
export function createLakeComparer(options: CheckRunnerOptions): LakeComparer {
  const { s3: access, ...limits } = options;
  const withEngine = <T>(
    state: LakeState,
    more: readonly string[],
    work: (engine: Engine) => Promise<T>,
  ): Promise<T> =>
    translatingErrors(async () => {
      const files = [...state.lakeFiles, ...state.parts.map((part) => part.uri), ...more];
      const s3 = access === undefined ? {} : { s3: await access() };
      const { files: paths } = withAbsolutePaths({ format: 'csv', files });
      const engine = await openEngine(paths, { ...limits, ...s3, signal: state.signal });
      const interrupt = () => engine.connection.interrupt();
      state.signal?.addEventListener('abort', interrupt, { once: true });
      try {
        return await work(engine);
      } catch (error) {
        if (!(error instanceof QueryRefused)) throw error;
        const where = state.parts[0]?.uri ?? state.lakeFiles[0] ?? 'the lake';
        throw new TidemarkError(
          'FILE_MISMATCH',
          `rows of ${where} (${state.parts.length} parts) cannot be compared: ${error.message}`,
        );
      } finally {
        state.signal?.removeEventListener('abort', interrupt);
        await engine.close();
      }
    }, state.signal);

  return {
    findBuckets: (state, buckets) =>
      withEngine(state, [], async ({ connection }) => {
        const unhashedCount = await makeState(connection, state);
        const summed = state.kind === 'keys' ? '_key' : '_hash';
        const { rows } = await runQuery(
          connection,
          `SELECT ${bucketOf(state)}, count(*), sum(${summed}) FROM state GROUP BY ALL`,
        );
        const held = new Map(rows.map(([bucket, count, sum]) => [Number(bucket), `${count} ${sum}`]));
        const wanted = new Map(buckets.map(({ bucket, rowCount, sum }) => [bucket, `${rowCount} ${sum}`]));
        const all = [...new Set([...held.keys(), ...wanted.keys()])].sort((a, b) => a - b);
        return {
          differing: all.filter((bucket) => held.get(bucket) !== wanted.get(bucket)),
          lakeRowCount: rows.reduce((sum, row) => sum + Number(row[1]), 0),
          unhashedCount,
        };
      }),
    compareRows: async (state, drill, storeGone) => {
      const directory = await mkdtemp(join(tmpdir(), 'tidemark-gone-'));
      const goneFile = join(directory, 'gone.csv.gz');
      try {
        const drilled = drill.parts.map((part) => part.uri);
        const counts = await withEngine(state, [...drilled, goneFile], async ({ connection }) => {
          await makeState(connection, state);
          const isKeys = state.kind === 'keys';
          const rows = await csvRows(connection, drilled, isKeys ? ['_key'] : state.columns);
          const hashes = isKeys
            ? '_key::BIGINT AS _key, NULL::BIGINT AS _hash'
            : `${duckdbHash(state.key)} AS _key, ${duckdbHash(state.columns)} AS _hash`;
          await connection.run(`CREATE TEMP TABLE source AS SELECT ${hashes} FROM ${rows}`);
          await connection.run(
            `CREATE TEMP TABLE gone AS SELECT s._key, s._hash FROM state s
              WHERE ${bucketOf(state)} IN (SELECT unnest([${drill.buckets.join(', ')}]::BIGINT[])) AND NOT EXISTS (FROM source r WHERE r._key = s._key)`,
          );
          const { rows: found } = await runQuery(
            connection,
            `SELECT (SELECT count(*) FROM gone),
              count(*) FILTER (WHERE s._key IS NOT NULL AND s._hash IS DISTINCT FROM r._hash), count(*) FILTER (WHERE s._key IS NULL)
              FROM source r LEFT JOIN state s ON s._key = r._key`,
          );
          const [goneCount, lateCount, lostCount] = found[0]!.map(Number) as [number, number, number];
          if (goneCount > 0)
            await connection.run(`COPY gone TO ${quote(goneFile)} (FORMAT csv, HEADER, COMPRESSION gzip)`);
          return isKeys
            ? { goneCount, lateCount: null, lostCount: null }
            : { goneCount, lateCount, lostCount };
        });
        if (counts.goneCount > 0) await storeGone(createReadStream(goneFile));
        return counts;
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
  };
}

function bucketOf({ bucketCount }: LakeState): string {
  return `_key & ${bucketCount - 1}`;
}
