const QUOTE = 0x22;
const LINE_FEED = 0x0a;

/**
 * Counts the records of a CSV stream in COPY's dialect: a line feed outside quotes ends one. Chunks may be cut
 * anywhere: a doubled quote toggles twice, and both bytes never occur inside a UTF-8 character.
 */
export function countCsvRecords(): { add(chunk: Uint8Array): void; readonly recordCount: number } {
  let recordCount = 0;
  let isQuoted = false;
  return {
    add(chunk) {
      for (let at = 0; at < chunk.length; at++) {
        const byte = chunk[at];
        if (byte === QUOTE) isQuoted = !isQuoted;
        else if (byte === LINE_FEED && !isQuoted) recordCount++;
      }
    },
    get recordCount() {
      return recordCount;
    },
  };
}
