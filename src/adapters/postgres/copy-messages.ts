/** Types of messages of PostgreSQL's protocol, version 3. */
const COPY_DATA = 0x64;
const COPY_DONE = 0x63;
const ERROR_RESPONSE = 0x45;
/** Type and length. */
const HEADER_BYTES = 5;

/** The rows of a COPY ... TO STDOUT without the protocol's headers, gathered in a block. */
export interface CopyMessages {
  /** CSV bytes at the beginning of the current block. */
  readonly size: number;
  /** CopyData messages that have begun. The server sends one a row, and one for the header line. */
  readonly messageCount: number;
  /**
   * Takes what the server sent, cut anywhere; the chunk may be overwritten afterwards. Null while the COPY goes on;
   * otherwise a copy of the bytes that are no longer its own, beginning with CopyDone or an error.
   */
  push(chunk: Uint8Array): Buffer | null;
  /** Gives the block, of which `size` bytes count, and begins the next in `spare`. */
  take(spare: Buffer): Buffer;
}

/**
 * Strips the headers of CopyData and skips what the server says in between. `first` is the block to begin with; one
 * that has no room for a chunk is replaced by a larger one.
 *
 * A chunk is put into the block as it is and then moved together, row by row: for rows of 65 bytes that takes a
 * third of the time of copying their bytes in a loop, and half of that of a native copy for each.
 */
export function gatherCopyMessages(first: Buffer): CopyMessages {
  let block = first;
  let size = 0;
  let messageCount = 0;
  /** What the message under way still lacks, and whether it is a row. */
  let missingBytes = 0;
  let isRow = false;
  /** Bytes behind `size` that begin a header. */
  let cutBytes = 0;

  const push = (chunk: Uint8Array): Buffer | null => {
    const begin = size;
    const end = begin + cutBytes + chunk.length;
    if (end > block.length) {
      const larger = Buffer.allocUnsafeSlow(end);
      block.copy(larger, 0, 0, begin + cutBytes);
      block = larger;
    }
    block.set(chunk, begin + cutBytes);
    // The loop works on names of its own, because those that a closure holds make it slower.
    const bytes = block;
    let at = begin;
    let filled = begin;
    let missing = missingBytes;
    for (;;) {
      if (missing > 0) {
        const to = Math.min(at + missing, end);
        if (isRow) {
          bytes.copyWithin(filled, at, to);
          filled += to - at;
        }
        missing -= to - at;
        at = to;
      }
      if (end - at < HEADER_BYTES) break;
      const type = bytes[at];
      if (type === COPY_DONE || type === ERROR_RESPONSE) {
        size = filled;
        cutBytes = 0;
        return Buffer.from(bytes.subarray(at, end));
      }
      isRow = type === COPY_DATA;
      if (isRow) messageCount++;
      missing = bytes.readUInt32BE(at + 1) - 4;
      at += HEADER_BYTES;
    }
    bytes.copyWithin(filled, at, end);
    size = filled;
    cutBytes = end - at;
    missingBytes = missing;
    return null;
  };

  return {
    get size() {
      return size;
    },
    get messageCount() {
      return messageCount;
    },
    push,
    take: (spare) => {
      block.copy(spare, 0, size, size + cutBytes);
      const taken = block;
      block = spare;
      size = 0;
      return taken;
    },
  };
}
