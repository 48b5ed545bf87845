import { createHash } from 'node:crypto';
import type { SourceTable } from '../../ports/source.ts';
import type { LocatedTable } from './locate-tables.ts';
import { hashSchema } from './schema-hash.ts';
import type { Session } from './session.ts';

/** What is needed beyond the port's words to read a table. */
export interface DescribedTable extends SourceTable {
  readonly located: LocatedTable;
  /** Columns that can be summed, and whether they need a cast to numeric for that. */
  readonly summable: ReadonlyMap<string, { readonly needsCast: boolean }>;
  /** Rows carry the xid that wrote them. */
  readonly hasXmin: boolean;
  /** Heap pages of the largest member and of all of them; 0 for what has no heap of its own. */
  readonly pages: { readonly largest: number; readonly total: number };
  /** Digest of the files that hold the rows; another one after a rewrite, when rows are at other places. */
  readonly storage: string;
}

interface ColumnRow {
  oid: string;
  name: string;
  type: string;
  nullable: boolean;
  position: number;
  isNumber: boolean;
  base: string;
  enumLabels: string[] | null;
  hasMissingValue: boolean;
}

/**
 * Describes located tables from the catalog, by the spelling of the definition. Kinds: `table`, `partitioned`
 * (also a parent of plain inheritance: its children are read with it) and `view` for all that has no heap to
 * follow (views, materialized views, foreign tables).
 */
export async function describeTables(
  session: Session,
  located: readonly LocatedTable[],
): Promise<Record<string, DescribedTable>> {
  const oids = located.map((each) => each.oid);
  const columns = await readColumns(session, oids);
  const members = await readMembers(session, oids);
  const keys = await readUniqueKeys(session, oids);
  return Object.fromEntries(
    located.map((each): [string, DescribedTable] => {
      const own = columns.filter((column) => column.oid === each.oid);
      const tree = members.filter((member) => member.root === each.oid);
      const hasHeap = each.relkind === 'r' || each.relkind === 'p';
      const pages = tree.map((member) => member.pages);
      const shape = own.map(({ name, type, nullable }) => ({ name, type, nullable }));
      return [
        each.table,
        {
          located: each,
          kind: !hasHeap ? 'view' : each.relkind === 'p' || tree.length > 1 ? 'partitioned' : 'table',
          relationIds: tree.map((member) => member.oid),
          columns: own.map(({ position, enumLabels, hasMissingValue }, index) => ({
            ...shape[index]!,
            position,
            ...(enumLabels && { enumLabels }),
            ...(hasMissingValue && { hasMissingValue }),
          })),
          uniqueKeys: keys.filter((key) => key.oid === each.oid).map((key) => key.columns),
          schemaHash: hashSchema(shape),
          summable: new Map(
            own
              .filter((column) => column.isNumber)
              .map(({ name, base }) => [
                name,
                { needsCast: !['int2', 'int4', 'int8', 'numeric'].includes(base) },
              ]),
          ),
          hasXmin: hasHeap && tree.every((member) => member.relkind === 'r' || member.relkind === 'p'),
          pages: { largest: Math.max(0, ...pages), total: pages.reduce((sum, each) => sum + each, 0) },
          storage: createHash('sha256')
            .update(tree.map(({ oid, file }) => `${oid}:${file}`).join())
            .digest('hex'),
        },
      ];
    }),
  );
}

/** Ids of the tables and everything that is read with them, smallest first, by root. */
export function readMembers(
  session: Session,
  oids: readonly string[],
): Promise<{ root: string; oid: string; relkind: string; pages: number; file: string | null }[]> {
  return session.query(
    `WITH RECURSIVE tree(root, oid) AS (
       SELECT wanted.oid, wanted.oid FROM unnest($1::oid[]) AS wanted(oid)
       UNION
       SELECT tree.root, i.inhrelid FROM tree JOIN pg_inherits i ON i.inhparent = tree.oid
     )
     SELECT tree.root::text, tree.oid::text, c.relkind::text,
            CASE WHEN c.relkind = 'r'
                 THEN coalesce(pg_relation_size(c.oid) / current_setting('block_size')::int, 0)::int
                 ELSE 0 END AS pages,
            pg_relation_filenode(c.oid)::text AS file
       FROM tree JOIN pg_class c ON c.oid = tree.oid
      ORDER BY tree.root, tree.oid`,
    [oids],
  );
}

function readColumns(session: Session, oids: readonly string[]): Promise<ColumnRow[]> {
  // PostgreSQL 18 marks a column NOT NULL also while the constraint is NOT VALID, with NULLs still there.
  // A domain prints as the type below it, which is what the contract names.
  // A default that was added without a rewrite is kept by each partition that had rows then, not by their parent.
  return session.query(
    `WITH RECURSIVE tree(root, oid) AS (
       SELECT wanted.oid, wanted.oid FROM unnest($1::oid[]) AS wanted(oid)
       UNION
       SELECT tree.root, i.inhrelid FROM tree JOIN pg_inherits i ON i.inhparent = tree.oid
     )
     SELECT a.attrelid::text AS oid, a.attname::text AS name, format_type(below.oid, below.typmod) AS type,
            NOT a.attnotnull OR EXISTS (
              SELECT FROM pg_constraint k
               WHERE k.conrelid = a.attrelid AND k.contype = 'n' AND NOT k.convalidated AND a.attnum = ANY (k.conkey)
            ) AS nullable,
            a.attnum::int AS position, t.typcategory = 'N' AS "isNumber", t.typname::text AS base,
            (SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder)
               FROM pg_enum e WHERE e.enumtypid = t.oid) AS "enumLabels",
            EXISTS (
              SELECT FROM tree JOIN pg_attribute m ON m.attrelid = tree.oid
               WHERE tree.root = a.attrelid AND m.attname = a.attname AND m.atthasmissing AND NOT m.attisdropped
            ) AS "hasMissingValue"
       FROM pg_attribute a
      CROSS JOIN LATERAL (
         WITH RECURSIVE below(oid, typmod, depth) AS (
           SELECT a.atttypid, a.atttypmod, 0
           UNION ALL
           SELECT d.typbasetype, d.typtypmod, below.depth + 1
             FROM below JOIN pg_type d ON d.oid = below.oid WHERE d.typtype = 'd'
         )
         SELECT below.oid, below.typmod FROM below ORDER BY below.depth DESC LIMIT 1
       ) below
       JOIN pg_type t ON t.oid = below.oid
      WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
      ORDER BY a.attrelid, a.attnum`,
    [oids],
  );
}

function readUniqueKeys(
  session: Session,
  oids: readonly string[],
): Promise<{ oid: string; columns: string[] }[]> {
  return session.query(
    `SELECT i.indrelid::text AS oid, key.columns
       FROM pg_index i
       CROSS JOIN LATERAL (
         SELECT array_agg(a.attname::text ORDER BY k.place) AS columns,
                bool_and(a.attnotnull AND NOT EXISTS (
                  SELECT FROM pg_constraint n
                   WHERE n.conrelid = a.attrelid AND n.contype = 'n' AND NOT n.convalidated
                     AND a.attnum = ANY (n.conkey))) AS "isNotNull"
           FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
           JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
          WHERE k.place <= i.indnkeyatts
       ) key
      WHERE i.indrelid = ANY ($1::oid[]) AND i.indisunique AND i.indisvalid AND i.indimmediate
        AND i.indpred IS NULL AND i.indexprs IS NULL AND key."isNotNull"
      ORDER BY i.indrelid, NOT i.indisprimary, i.indexrelid`,
    [oids],
  );
}
