import { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { TidemarkError } from '../../core/errors.ts';
import { mapSourceError } from './map-error.ts';
import { settleWithin } from './scope.ts';

/** How sessions of a source connect and how long they wait. */
export interface SessionOptions {
  readonly url: string;
  /** `source shop (db.example:5432/shop)`, see `describeTarget`. */
  readonly target: string;
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly ssl: boolean | ConnectionOptions | undefined;
}

/** One connection. All its errors are TidemarkErrors; it ends with its signal. */
export interface Session {
  /** Names source, host, port and database in messages. */
  readonly target: string;
  /** Since when (ms since the epoch) the server owes data or an answer; null when it owes nothing. */
  readonly waitingSince: number | null;
  /** Rejects when the server or the network ends the connection; otherwise never settles. */
  readonly lost: Promise<never>;
  /**
   * Runs a statement and gives its rows; with several statements, those of the last one. After `limitMs`
   * without an answer (default `idleTimeoutMs` and `lockTimeoutMs` together; Infinity for none) the connection
   * is given up, because a network that swallows packets tells nobody.
   */
  query<Row>(text: string, values?: readonly unknown[], limitMs?: number): Promise<Row[]>;
  /** Streams the output of a COPY ... TO STDOUT and returns its row count as the server tells it. */
  copy(text: string): AsyncGenerator<Buffer, number>;
  /** Says goodbye to the server; falls back to closing the socket after 2 s. */
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 2_000;

/** Says which database an operator has to look at; never holds a password. Throws for a URL that pg cannot read. */
export function describeTarget(url: string, name: string): string {
  try {
    const { host, port, database } = newClient({ url, ssl: undefined });
    return `source ${name} (${host}:${port}/${database})`;
  } catch {
    // The parser's error quotes the URL, and with it the password.
    throw new Error(
      `source ${name}: its URL cannot be read; write postgresql://user:password@host:port/database, with special characters percent-encoded`,
    );
  }
}

/**
 * Connects. When `signal` fires the socket is closed at once, whatever runs; `client_connection_check_interval`
 * (see begin.ts) makes the server end the statement within a second.
 */
export async function openSession(
  options: SessionOptions,
  applicationName: string,
  signal: AbortSignal,
): Promise<Session> {
  signal.throwIfAborted();
  const { target } = options;
  const socket = new Socket();
  const client = newClient(options, applicationName, socket);
  const hangUp = () => socket.destroy();
  signal.addEventListener('abort', hangUp, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', hangUp));

  // What broke the connection first; later errors only say that it is gone.
  let broken: unknown;
  const lost = new Promise<never>((_, reject) => {
    client.on('error', (error) => {
      broken ??= error;
      reject(mapSourceError(broken, target, 'read'));
    });
  });
  // Most callers learn of it from what they await.
  lost.catch(() => undefined);
  const failed = (error: unknown) => mapSourceError(broken ?? error, target, 'read');
  let waitingSince: number | null = null;
  const awaiting = async <T>(work: Promise<T>): Promise<T> => {
    waitingSince = Date.now();
    try {
      return await work;
    } finally {
      waitingSince = null;
    }
  };

  try {
    await client.connect();
  } catch (error) {
    socket.destroy();
    throw mapSourceError(error, target, 'connect');
  }

  const query = async <Row>(
    text: string,
    values?: readonly unknown[],
    limitMs = options.idleTimeoutMs + options.lockTimeoutMs,
  ): Promise<Row[]> => {
    const giveUp = () => {
      broken ??= new TidemarkError(
        'SOURCE_INTERRUPTED',
        `${target}: no answer for ${limitMs} ms; the network dropped it`,
      );
      socket.destroy();
    };
    const timer = Number.isFinite(limitMs) ? setTimeout(giveUp, limitMs) : undefined;
    try {
      const result: pg.QueryResult | pg.QueryResult[] = await awaiting(
        client.query(text, values as unknown[] | undefined),
      );
      return (Array.isArray(result) ? result.at(-1)! : result).rows as Row[];
    } catch (error) {
      throw failed(error);
    } finally {
      clearTimeout(timer);
    }
  };

  async function* copy(text: string): AsyncGenerator<Buffer, number> {
    const stream = client.query(copyTo(text));
    // An error after the reader has turned away has nobody else to go to.
    stream.on('error', () => undefined);
    const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    try {
      for (;;) {
        const next = await awaiting(chunks.next());
        if (next.done) break;
        yield next.value;
      }
    } catch (error) {
      throw failed(error);
    } finally {
      await chunks.return?.();
    }
    // The stream ends with CopyDone; the count comes after it, and so does an error at the very end.
    await query('SELECT');
    return stream.rowCount;
  }

  return {
    target,
    lost,
    get waitingSince() {
      return waitingSince;
    },
    query,
    copy,
    close: async () => {
      await settleWithin(CLOSE_TIMEOUT_MS, [client.end()]);
      socket.destroy();
    },
  };
}

function newClient(
  options: Pick<SessionOptions, 'url' | 'ssl'>,
  applicationName?: string,
  socket?: Socket,
): pg.Client {
  return new pg.Client({
    connectionString: options.url,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    ...(socket && { stream: () => socket }),
    ...(options.ssl !== undefined && { ssl: options.ssl }),
  });
}
