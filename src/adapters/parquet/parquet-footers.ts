import { type FileMetaData, ParquetEnvelopeReader } from 'parquetjs-lite';
import { TidemarkError } from '../../core/errors.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import type { ParquetFooter, ParquetFooters } from '../../ports/parquet.ts';
import { describeColumns } from './describe-columns.ts';

/** Magic at both ends and the footer's length. */
const SMALLEST_BYTES = 12;
/** Far above any real footer: a damaged length must not fetch a whole file into memory. */
const LARGEST_FOOTER_BYTES = 64 * 1024 * 1024;

/** Reads footers straight from the store. A truncated, encrypted or foreign file fails with FILE_MISMATCH. */
export function createParquetFooters(store: ObjectStore): ParquetFooters {
  return {
    async read({ uri, sizeBytes, etag }) {
      if (sizeBytes < SMALLEST_BYTES)
        throw mismatch(uri, `${sizeBytes} bytes are too few for a Parquet file`);
      const read = (offset: number, length: number): Promise<Buffer> => {
        if (length > LARGEST_FOOTER_BYTES) throw new Error(`its footer claims ${length} bytes`);
        return store.readRange(uri, offset, length, etag);
      };
      const reader = new ParquetEnvelopeReader(read, () => undefined, sizeBytes);
      try {
        await reader.readHeader();
        return describeFooter(await reader.readFooter());
      } catch (error) {
        if (error instanceof TidemarkError) throw error;
        throw mismatch(uri, error instanceof Error ? error.message : String(error));
      }
    },
  };
}

function describeFooter({ num_rows, row_groups, schema }: FileMetaData): ParquetFooter {
  const rowCount = Number(num_rows);
  if (!Number.isSafeInteger(rowCount) || rowCount < 0) throw new Error(`its footer claims ${rowCount} rows`);
  return { rowCount, rowGroupCount: row_groups.length, columns: describeColumns(schema) };
}

function mismatch(uri: string, reason: string): TidemarkError {
  return new TidemarkError('FILE_MISMATCH', `${uri} cannot be read as Parquet: ${reason}`);
}
