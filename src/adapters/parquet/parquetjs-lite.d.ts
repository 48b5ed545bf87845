/** The part of parquetjs-lite that reads footers; it ships no types of its own. */
declare module 'parquetjs-lite' {
  /** Fields of parquet.thrift; integers of 64 bits are objects with `valueOf()`, infinite beyond 2^53. */
  export interface FileMetaData {
    readonly num_rows: { valueOf(): number };
    /** Depth first; the first is the root. */
    readonly schema: readonly SchemaElement[];
    readonly row_groups: readonly unknown[];
  }

  export interface SchemaElement {
    readonly name: string;
    readonly type: number | null;
    /** 0 required, 1 optional, 2 repeated. */
    readonly repetition_type: number | null;
    readonly num_children: number | null;
    readonly converted_type: number | null;
    readonly precision: number | null;
    readonly scale: number | null;
  }

  export class ParquetEnvelopeReader {
    constructor(
      read: (offset: number, length: number) => Promise<Buffer>,
      close: () => void,
      sizeBytes: number,
    );
    /** Rejects with a plain string when the file does not begin as Parquet. */
    readHeader(): Promise<void>;
    readFooter(): Promise<FileMetaData>;
  }
}
