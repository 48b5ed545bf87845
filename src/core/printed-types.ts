/** A type that travels as the text that PostgreSQL prints. */
interface PrintedType {
  /** Longest value in bytes, at most 65,535. */
  readonly maxBytes: number;
  /** One spelling of the type; `length` as in `bit(3)`. */
  readonly nameOf: (length: number | undefined) => string;
}

/** For values without a bound of their own: Redshift's longest VARCHAR. */
const UNBOUNDED = 65_535;

/** Longest text of a built-in type, bytes, with IntervalStyle iso_8601 and bytea_output hex. */
const LONGEST: Readonly<Record<string, number>> = {
  // 23:59:59.999999, with +15:59:59
  time: 15,
  timetz: 24,
  // P-178956970Y-11M-2147483648DT-2562047788H-59M-59.999999S
  interval: 64,
  // Two digits a byte after \x.
  bytea: UNBOUNDED,
  // Eight groups of four digits and a mask.
  inet: 49,
  cidr: 49,
  macaddr: 17,
  macaddr8: 23,
  citext: UNBOUNDED,
  xml: UNBOUNDED,
  jsonpath: UNBOUNDED,
  hstore: UNBOUNDED,
  ltree: UNBOUNDED,
  tsvector: UNBOUNDED,
  tsquery: UNBOUNDED,
  name: 63,
  oid: 10,
  xid: 10,
  xid8: 20,
  pg_lsn: 17,
  point: 60,
  line: 90,
  lseg: 120,
  box: 120,
  circle: 90,
  path: UNBOUNDED,
  polygon: UNBOUNDED,
  // Two bounds of the element's longest text.
  int4range: 30,
  int8range: 50,
  numrange: UNBOUNDED,
  daterange: 40,
  tsrange: 90,
  tstzrange: 100,
  int4multirange: UNBOUNDED,
  int8multirange: UNBOUNDED,
  nummultirange: UNBOUNDED,
  datemultirange: UNBOUNDED,
  tsmultirange: UNBOUNDED,
  tstzmultirange: UNBOUNDED,
};

/** Built-in types that become text, by name. */
export const PRINTED_TYPES: ReadonlyMap<string, PrintedType> = new Map<string, PrintedType>([
  ...Object.entries(LONGEST).map(([name, maxBytes]): [string, PrintedType] => [
    name,
    { maxBytes, nameOf: () => name },
  ]),
  ['"char"', { maxBytes: 4, nameOf: () => '"char"' }],
  ['bit', { maxBytes: UNBOUNDED, nameOf: (length) => `bit(${length ?? 1})` }],
  ['varbit', { maxBytes: UNBOUNDED, nameOf: (length) => (length ? `varbit(${length})` : 'varbit') }],
]);

/** Bytes of the longest numeric of so many digits: sign, a leading zero, point; zeros behind for a negative scale. */
export function longestText(precision: number, scale: number): number {
  return Math.max(precision, scale) + Math.max(-scale, 0) + 3;
}

/** Why a type that looks like one is refused, and what to write instead; null for what is no type at all. */
export function refusalOf(text: string): string | null {
  const name = text.trim().toLowerCase();
  if (/^money(\[\])?$/.test(name)) {
    return 'money is printed as lc_monetary of the server says, so its text is no number; read `amount::numeric(19,2)` from a view, or contract it as text';
  }
  if (/^(small|big)?serial[248]?$/.test(name)) {
    return 'serial is a default, not a type; use smallint, integer or bigint';
  }
  if (/^(varchar|character varying|char|character|bpchar)\s*\(/.test(name)) {
    return 'its length has to be 1 to 65535, the longest text of the warehouse; use text, and longer values go to quarantine';
  }
  if (/^(numeric|decimal)\s*\(/.test(name)) {
    return 'precision has to be 1 to 1000 and scale -1000 to 1000, as in PostgreSQL';
  }
  if (/^[a-z_][a-z0-9_]*(\[\])?$/.test(name)) {
    return 'not a type that the engine knows; for an enum or a type of an extension use text, varchar(n) or its qualified name such as public.order_status, for a domain the type below it';
  }
  return null;
}
