import { RedshiftError, unsupported } from '../errors.ts';
import { intervalFunction, readDatePart } from './date-parts.ts';
import { strftimeFormat } from './formats.ts';
import { expressionSql, type Scope } from './rewriter.ts';
import { quoteLiteral } from './tokens.ts';
import type { Node } from './tree.ts';
import { parseType } from './types.ts';

/** A call with its arguments, both as written and translated. */
export interface Call {
  name: string;
  nodes: readonly Node[][];
  args: readonly string[];
  isDistinct: boolean;
  /** The ORDER BY list of WITHIN GROUP. */
  withinGroup?: string;
  isWindow: boolean;
  scope: Scope;
}

/** How a function of Redshift is said in DuckDB. */
export interface FunctionRule {
  kind: 'scalar' | 'aggregate' | 'window';
  translate(call: Call): string;
}

/** The rule of a function; undefined for one that this stand-in does not know. */
export function functionRule(name: string): FunctionRule | undefined {
  return rules.get(name);
}

const rules = new Map<string, FunctionRule>();

function define(kind: FunctionRule['kind'], names: string, translate: (call: Call) => string): void {
  for (const name of names.split(' ')) rules.set(name, { kind, translate });
}

/** `name(args)` under the same or another name. */
const rename =
  (duckdb?: string) =>
  ({ name, args, isDistinct }: Call): string =>
    `${duckdb ?? name}(${isDistinct ? 'DISTINCT ' : ''}${args.join(', ')})`;

function counted(call: Call, least: number, most = least): Call {
  if (call.args.length < least || call.args.length > most) {
    throw new RedshiftError(`function ${call.name} with ${call.args.length} arguments does not exist`);
  }
  return call;
}

function argument(call: Call, index: number): string {
  const sql = call.args[index];
  if (sql === undefined) throw new RedshiftError(`function ${call.name} lacks argument ${index + 1}`);
  return sql;
}

function literal(call: Call, index: number): string {
  const [node, ...more] = call.nodes[index] ?? [];
  if (node?.kind !== 'string' || more.length > 0) {
    throw unsupported(`${call.name} with a format that is no literal`);
  }
  return node.text;
}

// The macros live in the engine's own in-memory database, see macros.ts.
const macro = (name: string): string => `memory.fn.${name}`;

define(
  'scalar',
  'abs ceil ceiling floor round trunc sign sqrt exp ln greatest least nullif coalesce upper lower trim ltrim rtrim ' +
    'replace reverse lpad rpad left right repeat translate split_part md5 chr ascii substring',
  rename(),
);
define('scalar', 'nvl isnull', rename('coalesce'));
define('scalar', 'mod', (call) => `mod(${argument(call, 0)}, ${macro('nonzero')}(${argument(call, 1)}))`);
define('scalar', 'power pow', rename('power'));
define('scalar', 'log', rename('log10'));
define('scalar', 'len length char_length character_length', rename('length'));
define('scalar', 'octet_length', rename('strlen'));
define('scalar', 'substr', rename('substring'));
define('scalar', 'btrim', rename('trim'));
define('scalar', 'sha sha1 func_sha1', rename('sha1'));
define('scalar', 'sha2', (call) => {
  if (call.args[1] !== '256') throw unsupported('sha2 with other than 256 bits');
  return `sha256(${argument(call, 0)})`;
});
define('scalar', 'strpos', rename());
define('scalar', 'charindex', (call) => `strpos(${argument(counted(call, 2), 1)}, ${argument(call, 0)})`);
// DuckDB's concat skips NULL, Redshift's gives NULL.
define('scalar', 'concat', (call) => `(${argument(counted(call, 2), 0)} || ${argument(call, 1)})`);
define('scalar', 'nvl2', (call) => {
  const [value, present, absent] = counted(call, 3).args;
  return `CASE WHEN (${value}) IS NOT NULL THEN ${present} ELSE ${absent} END`;
});
define('scalar', 'decode', (call) => {
  const [value, ...rest] = counted(call, 3, 1_000).args;
  const pairs: string[] = [];
  for (let at = 0; at + 1 < rest.length; at += 2) {
    pairs.push(`WHEN (${value}) IS NOT DISTINCT FROM (${rest[at]}) THEN ${rest[at + 1]}`);
  }
  const otherwise = rest.length % 2 === 1 ? ` ELSE ${rest.at(-1)}` : '';
  return `CASE ${pairs.join(' ')}${otherwise} END`;
});
define('scalar', 'convert', (call) => {
  const [type] = call.nodes;
  return castSql(argument(counted(call, 2), 1), parseType(type ?? []));
});

define('scalar', 'getdate', () => `date_trunc('second', CAST(now() AS TIMESTAMP))`);
define('scalar', 'current_database', (call) => quoteLiteral(call.scope.context.database));
define('scalar', 'current_schema', () => `'public'`);
define('scalar', 'version', () =>
  quoteLiteral('Local stand-in speaking the Redshift Data API; engine DuckDB, not Amazon Redshift'),
);
define('scalar', 'dateadd date_add', (call) => {
  const make = intervalFunction(readDatePart(counted(call, 3).nodes[0] ?? []));
  return `(CAST(${argument(call, 2)} AS TIMESTAMP) + ${make}(CAST(${argument(call, 1)} AS INTEGER)))`;
});
define('scalar', 'datediff date_diff', (call) => {
  const part = readDatePart(counted(call, 3).nodes[0] ?? []);
  intervalFunction(part);
  return `date_diff('${part}', CAST(${argument(call, 1)} AS TIMESTAMP), CAST(${argument(call, 2)} AS TIMESTAMP))`;
});
define('scalar', 'add_months', (call) => `${macro('add_months')}(${counted(call, 2).args.join(', ')})`);
define('scalar', 'last_day', rename());
define('scalar', 'date_trunc', (call) => {
  const part = readDatePart(counted(call, 2).nodes[0] ?? []);
  return `${macro('date_trunc')}('${part}', ${argument(call, 1)})`;
});
define('scalar', 'date_part pgdate_part', (call) => {
  const part = readDatePart(counted(call, 2).nodes[0] ?? []);
  return `CAST(date_part('${part}', CAST(${argument(call, 1)} AS TIMESTAMP)) AS DOUBLE)`;
});
define(
  'scalar',
  'date_part_year',
  (call) => `CAST(year(CAST(${argument(counted(call, 1), 0)} AS DATE)) AS INTEGER)`,
);
define('scalar', 'to_char', (call) => {
  const format = quoteLiteral(strftimeFormat(literal(counted(call, 2), 1)));
  return `strftime(${argument(call, 0)}, ${format})`;
});
define('scalar', 'to_date', (call) => {
  const format = quoteLiteral(strftimeFormat(literal(counted(call, 2), 1)));
  return `CAST(strptime(${argument(call, 0)}, ${format}) AS DATE)`;
});
define('scalar', 'to_timestamp', (call) => {
  const format = quoteLiteral(strftimeFormat(literal(counted(call, 2), 1)));
  return `CAST(strptime(${argument(call, 0)}, ${format}) AS TIMESTAMPTZ)`;
});
define('scalar', 'convert_timezone', (call) => {
  const [first, ...rest] = counted(call, 2, 3).args;
  const [source, target, value] = rest.length === 1 ? [`'UTC'`, first, rest[0]] : [first, rest[0], rest[1]];
  return `((CAST(${value} AS TIMESTAMP) AT TIME ZONE ${source}) AT TIME ZONE ${target})`;
});

define(
  'aggregate',
  'count min max any_value bool_and bool_or stddev_samp stddev_pop var_samp var_pop median',
  rename(),
);
define('aggregate', 'stddev', rename('stddev_samp'));
define('aggregate', 'variance', rename('var_samp'));
// Result types follow Redshift's; a macro cannot be a window function or take DISTINCT.
define('aggregate', 'sum avg', (call) => {
  if (call.isWindow || call.isDistinct) return rename()(call);
  return `${macro(call.name)}(${argument(counted(call, 1), 0)})`;
});
define('aggregate', 'listagg', (call) => {
  if (call.isWindow) throw unsupported('listagg as a window function');
  const separator = call.args[1] ?? `''`;
  const order = call.withinGroup === undefined ? '' : ` ${call.withinGroup}`;
  return `string_agg(${call.isDistinct ? 'DISTINCT ' : ''}${argument(counted(call, 1, 2), 0)}, ${separator}${order})`;
});
define('aggregate', 'percentile_cont percentile_disc', (call) => {
  if (call.withinGroup === undefined) throw new RedshiftError(`WITHIN GROUP is required for ${call.name}`);
  return `${call.name}(${argument(counted(call, 1), 0)}) WITHIN GROUP (${call.withinGroup})`;
});
define('window', 'row_number rank dense_rank percent_rank cume_dist ntile lag lead', rename());
define('window', 'first_value last_value nth_value', rename());

/** `CAST(value AS type)`; a string that is longer than the type is cut off, as an explicit cast does in Redshift. */
export function castSql(value: string, type: ReturnType<typeof parseType>): string {
  if (type.maxBytes === undefined) return `CAST(${value} AS ${type.duckdb})`;
  return `${macro('truncate_bytes')}(CAST(${value} AS VARCHAR), ${type.maxBytes})`;
}

/** EXTRACT, POSITION, TRIM, SUBSTRING and CAST have a grammar of their own inside the parentheses. */
export function translateSpecial(name: string, items: readonly Node[], scope: Scope): string | undefined {
  const keyword = (word: string): number =>
    items.findIndex((node) => node.kind === 'word' && node.text === word);
  const sql = (from: number, to?: number): string => expressionSql(items.slice(from, to), scope);
  const at = keyword(name === 'cast' ? 'as' : name === 'position' ? 'in' : 'from');
  if (at < 0) {
    if (name === 'cast' || name === 'extract' || name === 'position')
      throw new RedshiftError(`syntax error in ${name}`);
    return undefined;
  }
  switch (name) {
    case 'cast':
      return castSql(sql(0, at), parseType(items.slice(at + 1)));
    case 'extract': {
      const part = readDatePart(items.slice(0, at));
      const type = part === 'epoch' ? 'BIGINT' : 'INTEGER';
      return `CAST(date_part('${part}', CAST(${sql(at + 1)} AS TIMESTAMP)) AS ${type})`;
    }
    case 'position':
      return `strpos(${sql(at + 1)}, ${sql(0, at)})`;
    case 'trim':
      return trimSql(items.slice(0, at), sql(at + 1), scope);
    case 'substring': {
      const length = keyword('for');
      if (length < 0) return `substring(${sql(0, at)}, ${sql(at + 1)})`;
      return `substring(${sql(0, at)}, ${sql(at + 1, length)}, ${sql(length + 1)})`;
    }
    default:
      return undefined;
  }
}

function trimSql(head: readonly Node[], value: string, scope: Scope): string {
  const side = head[0]?.kind === 'word' ? head[0].text : '';
  const named: Record<string, string | undefined> = { both: 'trim', leading: 'ltrim', trailing: 'rtrim' };
  const characters = named[side] === undefined ? head : head.slice(1);
  const list = characters.length === 0 ? '' : `, ${expressionSql(characters, scope)}`;
  return `${named[side] ?? 'trim'}(${value}${list})`;
}
