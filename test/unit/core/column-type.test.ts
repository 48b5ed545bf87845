import { describe, expect, it } from 'vitest';
import {
  canonicalType,
  columnType,
  explainBadType,
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
    ['float4', 'real'],
    ['time(3) without time zone', 'time'],
    ['time with time zone', 'timetz'],
    ['interval(3)', 'interval'],
    ['interval day to second(3)', 'interval'],
    ['integer[]', 'integer[]'],
    ['character varying(20)[]', 'varchar(20)[]'],
    ['int4[][]', 'integer[]'],
    ['NUMERIC', 'numeric'],
    ['numeric(50,2)', 'numeric(50,2)'],
    ['numeric(3,5)', 'numeric(3,5)'],
    ['bit', 'bit(1)'],
    ['bit varying(8)', 'varbit(8)'],
    ['"char"', '"char"'],
    ['Public.Order_Status', 'public.order_status'],
    ['public."Mood"', 'public."Mood"'],
    ['public."Mood"[]', 'public."Mood"[]'],
    ['extensions.citext', 'citext'],
  ])('%s is %s', (written, canonical) => {
    expect(canonicalType(written)).toBe(canonical);
    expect(canonicalType(canonical)).toBe(canonical);
  });
});

describe('parseColumnType', () => {
  it.each([
    'money',
    'money[]',
    'numeric(0,0)',
    'numeric(1001,0)',
    'serial',
    'mood',
    'mood[]',
    'integre',
    'point(3',
    'varchar(0)',
    'varchar(65536)',
    'integer(4)',
    '',
  ])('refuses "%s"', (text) => {
    expect(parseColumnType(text)).toBeNull();
    expect(() => columnType(text)).toThrow('not a column type');
  });
});

describe('explainBadType', () => {
  it.each([
    ['money', /lc_monetary.*amount::numeric/],
    ['serial', /is a default.*use smallint, integer or bigint/],
    ['mood', /enum.*text, varchar\(n\).*public\.order_status.*domain/],
    ['varchar(70000)', /1 to 65535.*use text/],
    ['numeric(2000,1)', /1 to 1000/],
    ['a b', /use one of smallint/],
  ])('%s', (text, reason) => expect(explainBadType(text)).toMatch(reason));
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
    ['real', 'FLOAT', 'REAL', 'FLOAT'],
    ['interval', 'STRING', 'VARCHAR(64)', 'BYTE_ARRAY/UTF8'],
    ['bytea', 'STRING', 'VARCHAR(65535)', 'BYTE_ARRAY/UTF8'],
    ['integer[]', 'STRING', 'VARCHAR(65535)', 'BYTE_ARRAY/UTF8'],
    ['inet', 'STRING', 'VARCHAR(49)', 'BYTE_ARRAY/UTF8'],
    ['numeric', 'STRING', 'VARCHAR(65535)', 'BYTE_ARRAY/UTF8'],
    ['numeric(40,2)', 'STRING', 'VARCHAR(43)', 'BYTE_ARRAY/UTF8'],
    ['numeric(2,-3)', 'STRING', 'VARCHAR(8)', 'BYTE_ARRAY/UTF8'],
    ['public.order_status', 'STRING', 'VARCHAR(65535)', 'BYTE_ARRAY/UTF8'],
  ])('%s', (text, spark, redshift, parquet) => {
    const type = columnType(text);
    expect([sparkType(type), redshiftType(type), parquetType(type)]).toEqual([spark, redshift, parquet]);
    expect(hiveType(type)).toBe(spark.toLowerCase());
  });
});
