import pg from 'pg';
import { TidemarkError } from '../../core/errors.ts';

/** A table as the catalog spells it, without quotes. */
export interface TableName {
  readonly schema: string;
  readonly name: string;
}

const PART = /^(?:"((?:[^"]|"")+)"|([^".]+))(?:\.|$)/;

/**
 * Parses `public.orders` or `"My Shop"."Or.ders"`. An unquoted part is taken as the catalog spells it, not
 * folded to lower case: definitions name what `\d` shows. Throws DEFINITION_INVALID for anything else.
 */
export function parseTableName(text: string): TableName {
  const parts: string[] = [];
  let rest = text;
  while (rest !== '') {
    const match = PART.exec(rest);
    if (!match || (match[0].endsWith('.') && match[0].length === rest.length)) break;
    parts.push(match[1]?.replaceAll('""', '"') ?? match[2]!);
    rest = rest.slice(match[0].length);
  }
  const [schema, name, ...more] = parts;
  if (rest !== '' || schema === undefined || name === undefined || more.length > 0) {
    throw new TidemarkError(
      'DEFINITION_INVALID',
      `table ${JSON.stringify(text)}: name schema and table, such as public.orders or "My Shop"."orders"`,
    );
  }
  return { schema, name };
}

/** SQL for a table: both parts quoted, so that neither search_path nor key words matter. */
export function quoteTable(table: TableName): string {
  return `${pg.escapeIdentifier(table.schema)}.${pg.escapeIdentifier(table.name)}`;
}
