import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import pg from 'pg';
import { TidemarkError } from '../../core/errors.ts';
import { type CopyOut, startCopyOut } from './copy-out.ts';
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
  /**
   * Gives the output of a COPY ... TO STDOUT in blocks, each to be used up before the next is asked for, and returns
   * its row count. SOURCE_INTERRUPTED when other than the rows that the server tells have arrived. `hasHeader` says
   * that a header line comes first.
   */
  copy(text: string, hasHeader: boolean): AsyncGenerator<Buffer, number>;
  /** Says goodbye to the server; falls back to closing the socket after 2 s. */
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 2_000;
const READ_BYTES = 64 * 1024;

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
  let copying: CopyOut | null = null;
  const socket: Socket = newSocket(() => copying?.isTaking ?? false);
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

  async function* copy(text: string, hasHeader: boolean): AsyncGenerator<Buffer, number> {
    const rows = startCopyOut(client, text);
    copying = rows;
    try {
      for (let block = await rows.next(); block; block = await rows.next()) yield block;
    } catch (error) {
      throw failed(error);
    } finally {
      copying = null;
    }
    const arrived = rows.messageCount - (hasHeader ? 1 : 0);
    if (arrived !== rows.toldRowCount) {
      throw new TidemarkError(
        'SOURCE_INTERRUPTED',
        `${target}: the server sent ${rows.toldRowCount} rows of a COPY, ${arrived} arrived`,
      );
    }
    return arrived;
  }

  return {
    target,
    lost,
    get waitingSince() {
      return copying ? copying.waitingSince : waitingSince;
    },
    query,
    copy,
    close: async () => {
      await settleWithin(CLOSE_TIMEOUT_MS, [client.end()]);
      socket.destroy();
    },
  };
}

/**
 * A socket that reads into one buffer instead of a new one each time: at millions of rows, the collector had more
 * work with those than the parser with the rows. `isTaken` says whether what it emits is used up at once.
 */
function newSocket(isTaken: () => boolean): Socket {
  const onread: OnReadOpts = {
    buffer: Buffer.allocUnsafeSlow(READ_BYTES),
    callback: (size, buffer) => {
      const bytes = Buffer.from(buffer.buffer, buffer.byteOffset, size);
      // The driver keeps what it cannot use yet.
      socket.emit('data', isTaken() ? bytes : Buffer.from(bytes));
      return true;
    },
  };
  const socket: Socket = new Socket({ onread } as SocketConstructorOpts);
  return socket;
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
