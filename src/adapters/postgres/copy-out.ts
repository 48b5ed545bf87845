import type { Duplex } from 'node:stream';
import type pg from 'pg';
import { gatherCopyMessages } from './copy-messages.ts';

/** Large enough that what a block costs, two changes of thread, is small beside compressing it. */
const BLOCK_BYTES = 512 * 1024;
/** The most that a socket gives at a time. */
const READ_BYTES = 64 * 1024;

/** The output of one COPY, in blocks. */
export interface CopyOut {
  /**
   * The next block of about half a MiB, which stays as it is until the next one is asked for; null when the server
   * has told that the statement is done. Rejects with what broke it.
   */
  next(): Promise<Buffer | null>;
  /** Whether the socket's bytes are its own, and used at once; otherwise they are the driver's. */
  readonly isTaking: boolean;
  /** Since when (ms since the epoch) nothing has come from the server that owes data; null while it owes none. */
  readonly waitingSince: number | null;
  /** CopyData messages that have come: one a row, and one for a header line. */
  readonly messageCount: number;
  /** Rows that the server tells, when it is done. */
  readonly toldRowCount: number;
}

/**
 * Starts a COPY ... TO STDOUT on an idle connection. It takes the socket away from the driver until the server
 * says that the copy is over, because the driver makes an object of each row, and there are millions.
 * Two blocks take turns: while the reader works on one, the socket fills the other, and then waits. A reader that
 * turns away leaves the connection with the copy unfinished, good for nothing but to be closed.
 */
export function startCopyOut(client: pg.Client, text: string): CopyOut {
  const newBlock = () => Buffer.allocUnsafeSlow(BLOCK_BYTES + READ_BYTES);
  const messages = gatherCopyMessages(newBlock());
  let spare: Buffer | null = newBlock();
  let lent: Buffer | null = null;
  let socket: Duplex | undefined;
  let isCopying = true;
  let isPaused = false;
  let outcome: { readonly error: unknown } | 'done' | null = null;
  let toldRowCount = 0;
  let waitingSince: number | null = null;
  let wake: (() => void) | null = null;

  const settle = (how: typeof outcome) => {
    outcome ??= how;
    wake?.();
  };
  let driver: ((chunk: Buffer) => void) | undefined;
  const onData = (chunk: Buffer) => {
    if (wake) waitingSince = Date.now();
    const rest = messages.push(chunk);
    if (rest) {
      isCopying = false;
      socket!.off('data', onData);
      socket!.on('data', driver!);
      driver!(rest);
    } else if (messages.size >= BLOCK_BYTES) {
      if (wake) wake();
      else {
        isPaused = true;
        socket!.pause();
      }
    }
  };

  const query = {
    submit: (connection: pg.Connection) => {
      socket = connection.stream;
      const [listener, ...others] = socket.listeners('data') as ((chunk: Buffer) => void)[];
      if (!listener || others.length > 0) throw new Error('the socket of the driver has an unknown reader');
      driver = listener;
      socket.off('data', driver);
      socket.on('data', onData);
      connection.query(text);
    },
    handleError: (error: unknown) => settle({ error }),
    handleCommandComplete: ({ text: tag }: { text: string }) => {
      toldRowCount = Number(/^COPY (\d+)/.exec(tag)?.[1]);
    },
    handleReadyForQuery: () => settle('done'),
  };
  client.query(query);

  return {
    get isTaking() {
      return isCopying;
    },
    get waitingSince() {
      return waitingSince;
    },
    get messageCount() {
      return messages.messageCount;
    },
    get toldRowCount() {
      return toldRowCount;
    },
    next: async () => {
      spare ??= lent;
      if (messages.size < BLOCK_BYTES && outcome === null) {
        waitingSince = Date.now();
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        wake = null;
        waitingSince = null;
      }
      if (outcome !== null && outcome !== 'done') throw outcome.error;
      if (messages.size === 0) return null;
      const { size } = messages;
      lent = messages.take(spare!);
      spare = null;
      if (isPaused && isCopying) {
        isPaused = false;
        socket!.resume();
      }
      return lent.subarray(0, size);
    },
  };
}
