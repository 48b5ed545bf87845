import { type CsvRow, createLake, type Lake } from './lake-of-parts.ts';

/** A cursor as it is often written, to show what it loses. */
export interface NaiveCursor {
  readonly name: string;
  /** Reads once and merges. */
  read(): Promise<void>;
  rows(): ReadonlyMap<string, CsvRow>;
  /** Makes its lake hold these rows, so that the next loss is told from the last one. */
  heal(rows: readonly CsvRow[]): void;
}

interface ItemRow extends Record<string, string> {
  k: string;
  v: string;
  /** Microseconds since 1970. */
  stamp: string;
}

type Query = (text: string, values?: unknown[]) => Promise<{ [column: string]: unknown }[]>;

/** The cursors of the field over the table `item`: what they remember, what they read, how they merge. */
export function naiveCursors(query: Query): NaiveCursor[] {
  const select =
    'select k::text, v::text, (extract(epoch from updated_at) * 1000000)::bigint::text as stamp from item';
  const read = async (where: string, values: unknown[]) =>
    (await query(`${select} where ${where}`, values)) as ItemRow[];
  const snapshot = async () => {
    const [row] = await query(
      'select pg_current_snapshot()::text as text, pg_snapshot_xmin(pg_current_snapshot())::text as xmin',
    );
    return row as { text: string; xmin: string };
  };
  let last = '0';
  let previous = '1:1:';
  let xmin = '3';
  return [
    naive('updated_at > max', async (lake, order) => {
      const rows = await read('updated_at > to_timestamp($1::numeric / 1000000)', [last]);
      lake.apply({ order, isWhole: false, rows });
      for (const { stamp } of rows) if (Number(stamp) > Number(last)) last = stamp;
    }),
    naive('not visible in the previous snapshot', async (lake, order) => {
      const { text } = await snapshot();
      const rows = await read('not pg_visible_in_snapshot(xmin::text::xid8, $1::pg_snapshot)', [previous]);
      lake.apply({ order, isWhole: false, rows });
      previous = text;
    }),
    naive('xmin, merged by the larger updated_at', async (lake) => {
      const now = await snapshot();
      for (const row of await read('age(xmin) between 0 and age($1::xid)', [xmin]))
        lake.apply({ order: row.stamp, isWhole: false, rows: [row] });
      xmin = now.xmin;
    }),
  ];
}

/**
 * Ways to follow deletions as they are often written, over cursors that are right. `listKeys` is called before each
 * step, so that an extract's list is one step older than its rows.
 */
export function naiveDeletes(query: Query) {
  let xmin = '3';
  let keys: readonly string[] = [];
  const changes = async (where: string) => {
    const [row] = await query('select pg_snapshot_xmin(pg_current_snapshot())::text as xmin');
    const rows = await query(
      `select k::text, v::text from item where age(xmin) between 0 and age($1::xid) and ${where}`,
      [xmin],
    );
    return { next: (row as { xmin: string }).xmin, rows: rows as unknown as CsvRow[] };
  };
  const unmarked = naive('reads what is not marked as deleted', async (lake, order) => {
    const { rows } = await changes('not gone');
    lake.apply({ order, isWhole: false, rows });
  });
  const listed = naive('lists the keys before it reads the rows', async (lake, order) => {
    const { rows, next } = await changes('true');
    lake.apply({ order, isWhole: false, rows });
    const gone = [...lake.rows().keys()].filter((key) => !keys.includes(key));
    lake.apply({ order, isWhole: false, rows: [], gone });
    // Both have read.
    xmin = next;
  });
  return {
    unmarked,
    listed,
    async listKeys(): Promise<void> {
      keys = (await query('select k::text from item')).map(({ k }) => JSON.stringify([k]));
    },
  };
}

/** `readInto` merges what it reads into the lake; `order` rises with each read. */
function naive(name: string, readInto: (lake: Lake, order: string) => Promise<void>): NaiveCursor {
  let lake = createLake(['k']);
  let count = 0;
  return {
    name,
    read: () => readInto(lake, String(++count).padStart(16, '0')),
    rows: () => lake.rows(),
    heal(rows) {
      lake = createLake(['k']);
      lake.apply({ order: '', isWhole: false, rows });
    },
  };
}
