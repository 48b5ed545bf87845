import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import pg from 'pg';
import { TidemarkError } from '../../core/errors.ts';
import type { ExtractRequest } from '../../ports/source.ts';
import type { BlockRange } from './block-ranges.ts';
import { type EntityJob, finishPart, type Task, takeRange, whereClause } from './entity-job.ts';
import type { RateLimit } from './rate-limit.ts';
import type { Session } from './session.ts';
import { quoteTable } from './table-name.ts';

/**
 * One member by zlib in its thread pool, because it is faster than what it waits for: on 6 M order lines (386 MB of
 * CSV) a backend gives 65 MB/s and level 1 takes 135 MB/s of it, so more threads for one stream would idle. Level 2
 * stores 2 % less for 7 % more CPU of the process, level 6 10 % less for three times the CPU of compressing.
 */
const GZIP_LEVEL = 1;
/** One change of thread for each block, as a block of CSV shrinks to less than this. */
const GZIP_CHUNK_BYTES = 256 * 1024;

export interface PartContext {
  readonly session: Session;
  readonly request: ExtractRequest;
  readonly rateLimit: RateLimit | null;
  readonly scope: AbortSignal;
  /** Told after each chunk. */
  readonly onChunk: (job: EntityJob) => void;
  /** Holds uploads that are under way, so that a failed extract can wait for their clean-up. */
  readonly uploads: Set<Promise<unknown>>;
}

/**
 * Reads ranges of an entity until a part is full, as one gzipped CSV with one header line, and stores it.
 * COPY, compression and upload pull on each other, so memory stays flat whichever is slowest.
 */
export async function readPart(task: Extract<Task, { kind: 'part' }>, context: PartContext): Promise<void> {
  const { job, part } = task;
  const { session, request, rateLimit, scope } = context;
  let rowCount = 0;
  let sourceError: unknown;

  async function* csv(): AsyncGenerator<Buffer> {
    let partBytes = 0;
    let range: BlockRange | undefined = task.first;
    try {
      for (let isFirst = true; range; isFirst = false) {
        const blocks = session.copy(copyStatement(job, range, isFirst), isFirst);
        let next = await blocks.next();
        for (; !next.done; next = await blocks.next()) {
          const block = next.value;
          await rateLimit?.take(block.length, scope);
          partBytes += block.length;
          job.csvBytes += block.length;
          context.onChunk(job);
          yield block;
        }
        rowCount += next.value;
        job.rowCount += next.value;
        range = takeRange(job, part, partBytes);
      }
    } catch (error) {
      sourceError = error;
      throw error;
    }
  }

  const { body, result } = digest();
  const flow = pipeline(
    csv,
    createGzip({ level: GZIP_LEVEL, memLevel: 9, chunkSize: GZIP_CHUNK_BYTES }),
    body,
    {
      signal: scope,
    },
  );
  const upload = storePart(request, job.entity.name, part, body);
  context.uploads.add(upload);
  try {
    const [stored] = await Promise.all([upload, flow]);
    const { sizeBytes, sha256 } = result();
    if (stored.sizeBytes !== sizeBytes) {
      throw new TidemarkError(
        'STORE_UNREACHABLE',
        `${stored.uri}: the store holds ${stored.sizeBytes} of ${sizeBytes} bytes`,
      );
    }
    finishPart(job, part, { uri: stored.uri, sizeBytes, rowCount, sha256 });
  } catch (error) {
    // When the source breaks, the store sees a broken body and may report that first.
    throw sourceError ?? error;
  } finally {
    // Whichever of the two failed, the other is not left unheard.
    Promise.allSettled([upload, flow]).then(() => context.uploads.delete(upload));
  }
}

/** The SELECT that gives the rows of a range, columns in the order of the CSV. */
export function selectRows(job: EntityJob, range: BlockRange): string {
  const columns =
    job.select ?? job.entity.columns.map(({ name }) => `t.${pg.escapeIdentifier(name)}`).join(', ');
  return `SELECT ${columns} FROM ${quoteTable(job.table.located)} AS t${whereClause(job, range)}`;
}

function copyStatement(job: EntityJob, range: BlockRange, hasHeader: boolean): string {
  return `COPY (${selectRows(job, range)}) TO STDOUT (FORMAT csv, HEADER ${hasHeader}, ENCODING 'UTF8')`;
}

async function storePart(
  request: ExtractRequest,
  entity: string,
  part: number,
  body: Transform,
): Promise<{ uri: string; sizeBytes: number }> {
  try {
    return await request.upload(entity, part, body);
  } catch (error) {
    // Without this the COPY would wait for ever for somebody to read.
    body.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}

/** Lets bytes through and knows their size and digest in the end. */
function digest(): { body: Transform; result: () => { sizeBytes: number; sha256: string } } {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const body = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      sizeBytes += chunk.length;
      done(null, chunk);
    },
  });
  return { body, result: () => ({ sizeBytes, sha256: hash.digest('hex') }) };
}
