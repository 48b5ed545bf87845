import { describe, expect, it } from 'vitest';
import {
  canonicalType,
  columnType,
  hiveType,
  parquetType,
  parseColumnType,
  redshiftType,
  sparkType,
} from '../../../src/core/column-type.ts';

describe('canonicalType', () => {
  it.each([
    ['character varying(255)', 'varchar(255)'],
    ['VARCHAR( 255 )', 'varchar(255)'],
    ['varchar', 'text'],
    ['int8', 'bigint'],
    ['decimal(10)', 'numeric(10,0)'],
    ['timestamp(3) with time zone', 'timestamptz'],
    ['timestamp without time zone', 'timestamp'],
    ['double precision', 'double'],
    ['jsonb', 'json'],
    ['char', 'char(1)'],
  ])('%s is %s', (written, canonical) => {
    expect(canonicalType(written)).toBe(canonical);
    expect(canonicalType(canonical)).toBe(canonical);
  });
});

describe('parseColumnType', () => {
  it.each([
    'money',
    'numeric',
    'numeric(39,0)',
    'numeric(4,5)',
    'varchar(0)',
    'varchar(65536)',
    'integer(4)',
    '',
  ])('refuses "%s"', (text) => {
    expect(parseColumnType(text)).toBeNull();
    expect(() => columnType(text)).toThrow('not a column type');
  });
});

describe('a type becomes', () => {
  it.each([
    ['smallint', 'SMALLINT', 'SMALLINT', 'INT32/INT_16'],
    ['integer', 'INT', 'INTEGER', 'INT32'],
    ['bigint', 'BIGINT', 'BIGINT', 'INT64'],
    ['numeric(9,2)', 'DECIMAL(9,2)', 'DECIMAL(9,2)', 'INT32/DECIMAL(9,2)'],
    ['numeric(18,2)', 'DECIMAL(18,2)', 'DECIMAL(18,2)', 'INT64/DECIMAL(18,2)'],
    ['numeric(38,2)', 'DECIMAL(38,2)', 'DECIMAL(38,2)', 'FIXED_LEN_BYTE_ARRAY/DECIMAL(38,2)'],
    ['timestamptz', 'TIMESTAMP', 'TIMESTAMP', 'INT64/TIMESTAMP_MICROS'],
    ['varchar(10)', 'STRING', 'VARCHAR(40)', 'BYTE_ARRAY/UTF8'],
    ['varchar(60000)', 'STRING', 'VARCHAR(65535)', 'BYTE_ARRAY/UTF8'],
    ['uuid', 'STRING', 'VARCHAR(36)', 'BYTE_ARRAY/UTF8'],
    ['double precision', 'DOUBLE', 'DOUBLE PRECISION', 'DOUBLE'],
  ])('%s', (text, spark, redshift, parquet) => {
    const type = columnType(text);
    expect([sparkType(type), redshiftType(type), parquetType(type)]).toEqual([spark, redshift, parquet]);
    expect(hiveType(type)).toBe(spark.toLowerCase());
  });
});
