import { sparkName, sparkText } from './spark-plan.ts';

/**
 * One hash, three engines: the first 64 bits, signed, of the MD5 of a row's text. The text holds, for each column
 * in order that is not NULL, U+001F, its name, U+001E and the value as COPY prints it. What PostgreSQL computes
 * over the table, Spark and DuckDB compute over the CSV that COPY wrote, before any cast; the three agree bit by
 * bit. NULLs leave no trace, so that a nullable column which comes or goes changes no hash by itself.
 *
 * 64 bits are enough: two of n keys have the same hash with probability n² / 2^65, three in a million for ten
 * million rows, and then a deletion of one of the two is not seen until the table is read whole.
 */
const HASH = 'md5';

/** PostgreSQL of the hash, a bigint, over the columns of a relation with the alias `t`. */
export function postgresHash(columns: readonly string[]): string {
  // concat() prints with the type's output function, as COPY does; a cast to text differs for some types, such as
  // char(n). Its NULL arguments vanish, and it takes 100 at most.
  const texts: string[] = [];
  for (let at = 0; at < columns.length; at += 50) {
    const items = columns.slice(at, at + 50).flatMap((name) => {
      const column = `t."${name.replaceAll('"', '""')}"`;
      const label = `E'\\x1f${name.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}\\x1e'`;
      return [`CASE WHEN ${column} IS DISTINCT FROM NULL THEN ${label} END`, column];
    });
    texts.push(`concat(${items.join(', ')})`);
  }
  return `('x' || substr(${HASH}(convert_to(${texts.join(' || ')}, 'UTF8')), 1, 16))::bit(64)::bigint`;
}

/** Spark SQL of the hash, a BIGINT, over columns that hold the raw CSV text. */
export function sparkHash(columns: readonly string[]): string {
  const items = columns.map(
    (name) => `coalesce(concat(${sparkText(`\u001f${name}\u001e`)}, ${sparkName(name)}), '')`,
  );
  return `CAST(conv(substr(${HASH}(concat(${items.join(', ')})), 1, 16), 16, -10) AS BIGINT)`;
}

/** DuckDB of the hash, a BIGINT, over columns that hold the raw CSV text. */
export function duckdbHash(columns: readonly string[]): string {
  const items = columns.map((name) => {
    const label = `'\u001f${name.replaceAll("'", "''")}\u001e'`;
    return `coalesce(${label} || "${name.replaceAll('"', '""')}", '')`;
  });
  const bits = `('0x' || substr(${HASH}(${items.join(' || ')}), 1, 16))::UBIGINT`;
  return `CASE WHEN ${bits} < 9223372036854775808 THEN ${bits}::BIGINT ELSE (${bits}::HUGEINT - 18446744073709551616)::BIGINT END`;
}
