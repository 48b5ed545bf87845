/** A column or partition key. */
export interface Column {
  Name: string;
  Type?: string;
  Comment?: string;
}

/** Where and how data lies; further members are kept as they came. */
export interface StorageDescriptor {
  Columns?: Column[];
  Location?: string;
  [member: string]: unknown;
}

/** A database as GetDatabase gives it; times in epoch seconds. */
export interface Database {
  Name: string;
  CreateTime: number;
  [member: string]: unknown;
}

/** A table as GetTable gives it; times in epoch seconds, `VersionId` counts up from `0`. */
export interface Table {
  Name: string;
  DatabaseName: string;
  VersionId: string;
  StorageDescriptor?: StorageDescriptor;
  PartitionKeys?: Column[];
  CreateTime: number;
  UpdateTime: number;
  [member: string]: unknown;
}

/** A partition as GetPartition gives it; times in epoch seconds. */
export interface Partition {
  Values: string[];
  DatabaseName: string;
  TableName: string;
  StorageDescriptor?: StorageDescriptor;
  CreationTime: number;
  [member: string]: unknown;
}

/** The account that owns everything here. */
export const catalogId = '000000000000';
