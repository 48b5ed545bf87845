/** Values of one column: SQL expressions of its type, or of `text` when the contract names another type. */
export interface RoundTripColumn {
  /** Type at the source. */
  readonly source: string;
  /** Type of the contract; default the source's. */
  readonly contract?: string;
  /** How two texts of one value are compared; default letter by letter. */
  readonly as?: 'double' | 'real' | 'instant' | 'boolean';
  /** Have to arrive exactly. */
  readonly exact: readonly string[];
  /** Have to end in quarantine, under a reason that names the column. */
  readonly quarantined?: readonly string[];
}

const text = (values: readonly string[]) => values.map((value) => `E'${escaped(value)}'`);

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
}

const INSTANTS = [
  // A gap and a doubled hour of daylight saving time, seen from UTC.
  '2024-03-31 02:30:00 Europe/Berlin',
  '2024-03-10 02:30:00 America/New_York',
  '2024-10-27 02:30:00+02',
  '2024-10-27 02:30:00+01',
  '1883-11-18 12:03:58 America/New_York',
  '1970-01-01 00:00:00+00',
  '2024-02-29 23:59:59.999999+05:45',
  '2024-02-29 23:59:59.1+00',
  '1582-10-10 12:00:00+00',
  '0001-01-01 00:00:00+00',
  '9999-12-31 23:59:59.999999+00',
];
const OUT_OF_RANGE = [
  'infinity',
  '-infinity',
  '0044-03-15 00:00:00+00 BC',
  '294276-12-31 23:59:59.999999+00',
];
const quoted = (values: readonly string[]) => values.map((value) => `'${value}'`);

/** Every type that a shop has, with the values that break something on the way when they can. */
export const ROUND_TRIP: Readonly<Record<string, RoundTripColumn>> = {
  a_smallint: { source: 'smallint', exact: ['-32768', '32767'] },
  an_integer: { source: 'integer', exact: ['-2147483648', '0', '2147483647'] },
  a_bigint: { source: 'bigint', exact: ["'-9223372036854775808'", '9223372036854775807'] },
  a_numeric: {
    source: 'numeric(38,10)',
    exact: ["'-9999999999999999999999999999.9999999999'", '0', '0.0000000001'],
    quarantined: ["'NaN'"],
  },
  a_price: { source: 'price', contract: 'numeric(12,2)', exact: ['-9999999999.99', '0.01'] },
  free_numeric: {
    source: 'numeric',
    exact: [
      '1234567890123456789012345678901234567890.5',
      '1e-30',
      '1e200',
      '1.500',
      "'NaN'",
      "'Infinity'",
      "'-Infinity'",
    ],
  },
  fitted_numeric: {
    source: 'numeric',
    contract: 'numeric(5,2)',
    exact: ['-999.99', '1.50'],
    quarantined: ['1000', '1.005', "'NaN'", "'Infinity'"],
  },
  wide_numeric: {
    source: 'numeric(50,2)',
    exact: ["'-999999999999999999999999999999999999999999999999.99'"],
  },
  tiny_numeric: { source: 'numeric(3,5)', exact: ['0.00123'] },
  a_real: {
    source: 'real',
    as: 'real',
    exact: ['0.1', "'-0'", "'NaN'", "'Infinity'", "'-Infinity'", "'3.4028235e38'", "'1e-45'", '16777216'],
  },
  a_double: {
    source: 'double precision',
    as: 'double',
    exact: [
      '0.1',
      "'-0'",
      "'NaN'",
      "'Infinity'",
      "'-Infinity'",
      "'1.7976931348623157e308'",
      "'-1.7976931348623157e308'",
      "'5e-324'",
      "'2.2250738585072014e-308'",
      "'9007199254740993'",
      '0.30000000000000004',
    ],
  },
  a_boolean: { source: 'boolean', as: 'boolean', exact: ['true', 'false'] },
  a_date: {
    source: 'date',
    exact: quoted(['0001-01-01', '1582-10-10', '1900-02-28', '2024-02-29', '9999-12-31']),
    quarantined: quoted(['infinity', '-infinity', '0044-03-15 BC', '10000-01-01', '5874897-12-31']),
  },
  a_date_as_text: {
    source: 'date',
    contract: 'text',
    exact: quoted(['infinity', '-infinity', '0044-03-15 BC', '5874897-12-31']),
  },
  an_instant: {
    source: 'timestamp with time zone',
    as: 'instant',
    exact: quoted(INSTANTS),
    quarantined: quoted(OUT_OF_RANGE),
  },
  an_instant_as_text: {
    source: 'timestamptz',
    contract: 'text',
    exact: quoted([...INSTANTS, ...OUT_OF_RANGE]),
  },
  a_timestamp: {
    source: 'timestamp(6) without time zone',
    as: 'instant',
    exact: quoted([
      '2024-03-31 02:30:00',
      '2024-03-10 02:30:00.000001',
      '0001-01-01 00:00:00',
      '9999-12-31 23:59:59.999999',
    ]),
    quarantined: quoted(['infinity', '-infinity', '0044-03-15 00:00:00 BC', '294276-12-31 23:59:59.999999']),
  },
  a_time: { source: 'time', exact: quoted(['00:00', '24:00', '23:59:59.999999', '12:00:00.5']) },
  a_timetz: { source: 'time with time zone', exact: quoted(['23:59:59.999999+15:59:59', '12:00-05:30']) },
  an_interval: {
    source: 'interval',
    exact: quoted([
      '0',
      '1 year 2 mons -3 days 04:05:06.789',
      '-178956970 years -8 mons -2147483648 days -2562047788:00:54.775807',
      '1 day',
      'infinity',
      '-infinity',
    ]),
  },
  a_bytea: { source: 'bytea', exact: quoted(['', '\\x00ff0a0d2c225c2e', '\\x5c2e0a']) },
  an_integer_array: {
    source: 'integer[]',
    exact: quoted(['{}', '{1,NULL,-3}', '{{1,2},{3,4}}', '[0:1]={5,6}']),
  },
  a_text_array: {
    source: 'text[]',
    exact: [`ARRAY['a"b','c,d',NULL,'NULL','','back\\slash',E'line\\nbreak','{}']`, "'{}'"],
  },
  an_instant_array: {
    source: 'timestamptz[]',
    exact: [`'{"2024-03-31 02:30:00 Europe/Berlin",infinity,NULL}'`],
  },
  a_json: { source: 'json', exact: quoted(['{"a" :  1, "a": 1.50}', '"\\u2028\\\\"', 'null', ' [ ] ']) },
  a_jsonb: { source: 'jsonb', exact: quoted(['{"b": [1, "x,\\"y"], "a": null}', '1e3', 'null']) },
  a_uuid: { source: 'uuid', exact: quoted(['A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11']) },
  an_enum: { source: 'public.mood', exact: [`'NULL'`, `'with "quotes", commas'`, `''`, `'żółw'`] },
  an_enum_as_text: { source: 'public.mood', contract: 'varchar(63)', exact: [`'NULL'`, `''`] },
  an_enum_array: { source: 'public.mood[]', exact: [`'{NULL,"NULL","with \\"quotes\\", commas"}'`] },
  a_citext: { source: 'citext', exact: quoted(['MiXed', '']) },
  an_inet: {
    source: 'inet',
    exact: quoted(['192.168.0.1/24', '::ffff:1.2.3.4', '2001:db8:1111:2222:3333:4444:5555:6666/127']),
  },
  a_cidr: { source: 'cidr', exact: quoted(['10.0.0.0/8']) },
  a_macaddr: { source: 'macaddr', exact: quoted(['08:00:2b:01:02:03']) },
  an_int_range: { source: 'int4range', exact: quoted(['[-2147483648,2147483647)', 'empty', '(,)']) },
  an_instant_range: {
    source: 'tstzrange',
    exact: quoted(['["0044-01-01 00:00:00+00 BC","294276-12-31 23:59:59.999999+00")']),
  },
  a_point: { source: 'point', exact: quoted(['(-1.7976931348623157e308,-5e-324)']) },
  a_bit: { source: 'bit(3)', exact: ["B'101'"] },
  an_xid8: { source: 'xid8', exact: ["'18446744073709551615'"] },
  a_tsvector: { source: 'tsvector', exact: ["to_tsvector('simple', 'it''s a \"cat\"')"] },
  some_money: { source: 'money', contract: 'text', exact: ["'-1234567.89'"] },
  a_char: { source: 'char(5)', exact: ["'ab'", "'żółwi'", "''"] },
  a_varchar: { source: 'varchar(11)', exact: text(['👩‍👩‍👧🙂🙂🙂', ' trail  ', '']) },
  a_text: {
    source: 'text',
    exact: [
      ...text([
        '',
        'NULL',
        'null',
        '\\N',
        '\\.',
        'above\n\\.\nbelow',
        '\n\\.\n',
        'back\\slash \\" at the end\\',
        'say "yes", "no"',
        '"',
        '""',
        ',',
        'one\ntwo',
        'one\rtwo',
        'one\r\ntwo',
        '\n',
        '\r',
        '\r\n',
        ' lead',
        'trail ',
        '   ',
        '\t',
        '\ttab\t',
        'u\u2028v\u2029w\u0085x\u000bvt\u000cff',
        '\ufeffbom',
        'in\ufeffside',
        '\ue000null\ue000x',
        '👩‍👩‍👧 żółw e\u0301',
        '#comment',
        '-- comment; /* */',
        "it's {} %s $1 :name ?",
        '\u0001\u001f\u007f',
        'a=b/c%2F',
      ]),
      // The longest that the warehouse takes: in one byte, and in three bytes a character.
      "repeat('x', 65535)",
      "repeat('€', 21845)",
    ],
    quarantined: ["repeat('x', 65536)", "repeat('€', 21846)", `repeat(E'long "text",\\r\\n', 70000)`],
  },
  an_xml: { source: 'xml', contract: 'text', exact: [`'<a b="c">x</a>'`, `E'<r>\\n</r>'`] },
  // A source that changed its type, read on by the old contract.
  text_as_integer: {
    source: 'text',
    contract: 'integer',
    exact: ["'12'", "'-2147483648'"],
    quarantined: [
      ...quoted([' 12', '12 ', '1.0', '1e3', '+5', '007', '2147483648', '', 'NaN', '１']),
      "E'12\\n'",
    ],
  },
  text_as_numeric: {
    source: 'text',
    contract: 'numeric(5,2)',
    exact: ["'1.50'", "'-999.99'"],
    quarantined: [...quoted(['1.005', '1000', 'NaN', 'Infinity', ' 1', '1e2', '', '.', '1,5']), "E'1.50\\n'"],
  },
  text_as_double: {
    source: 'text',
    contract: 'double precision',
    as: 'double',
    exact: ["'1e308'", "'-0'", "'0.0'"],
    quarantined: quoted(['1e400', '-1e400', '1e-400', 'inf', 'nan', '1d', '0x1p3', ' 1', '']),
  },
  text_as_real: {
    source: 'text',
    contract: 'real',
    as: 'real',
    exact: ["'1e38'"],
    quarantined: quoted(['1e39', '1e-50', '1f']),
  },
  text_as_boolean: {
    source: 'text',
    contract: 'boolean',
    as: 'boolean',
    exact: ["'t'"],
    quarantined: quoted(['yes', '1', 'T', '']),
  },
  text_as_date: {
    source: 'text',
    contract: 'date',
    exact: ["'2024-02-29'"],
    quarantined: quoted([
      '2023-02-29',
      '2024-01-01 BC',
      '2024-1-1',
      '2024',
      '2024-01-01T10',
      ' 2024-01-01',
      'today',
      '0000-01-01',
      '',
    ]),
  },
  text_as_timestamp: {
    source: 'text',
    contract: 'timestamp',
    as: 'instant',
    exact: ["'2024-01-01 00:00:00.5'"],
    quarantined: quoted([
      '2024-01-01 00:00:00+02',
      '2024-01-01T00:00:00',
      '2024-01-01',
      '2024-01-01 00:00:00.1234567',
      'now',
      '',
    ]),
  },
  text_as_instant: {
    source: 'text',
    contract: 'timestamptz',
    as: 'instant',
    exact: ["'2024-01-01 00:00:00+00'"],
    quarantined: quoted(['2024-01-01 00:00:00+02', '2024-01-01 00:00:00', '2024-01-01 00:00:00+00 BC', '']),
  },
  text_as_varchar: {
    source: 'text',
    contract: 'varchar(10)',
    exact: ["repeat('x', 40)"],
    quarantined: ["repeat('x', 41)"],
  },
};
