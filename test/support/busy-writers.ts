import type { ThrowawayPostgres } from './postgres.ts';

/** Keys that all writers share, so that they meet on rows. */
const SHARED_KEYS = 60;

/** A deadlock, a lock that took too long, a key that somebody else has just inserted. */
const LOST_RACE = new Set(['40P01', '55P03', '23505']);

/** mulberry32: numbers in [0, 1) that a seed repeats. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Sessions that write the table `item` as fast as they can, each the transactions that the seed gives it:
 * upserts and deletes of shared keys, inserts of new ones, savepoints kept, released and rolled back,
 * prepared transactions, rollbacks.
 */
export async function startWriters(server: ThrowawayPostgres, count: number, seed: number) {
  /** Values of `v` that a transaction committed, or is about to. */
  const committed = new Set<string>();
  let transactionCount = 0;
  let isStopping = false;
  let newKey = SHARED_KEYS;

  const open = async (number: number) => {
    const client = await server.connect();
    await client.query("set lock_timeout = '10ms'");
    const random = randomFrom(seed * 100 + number);
    return { client, random, number };
  };
  type Writer = Awaited<ReturnType<typeof open>>;

  const write = async ({ client, random }: Writer): Promise<string[]> => {
    const key = random() < 0.2 ? ++newKey : 1 + Math.floor(random() * SHARED_KEYS);
    const isDelete = random() < 0.2;
    const { rows } = await client.query<{ v: string }>(
      isDelete
        ? 'delete from item where k = $1'
        : 'insert into item (k) values ($1) on conflict (k) do update set v = 0 returning v::text',
      [key],
    );
    return rows.map((row) => row.v);
  };
  /** Writes some rows, some of them in subtransactions, and gives the values that the transaction would keep. */
  const writeSome = async (writer: Writer): Promise<string[]> => {
    const { client, random } = writer;
    const values = random() < 0.7 ? await write(writer) : [];
    while (random() < 0.6) {
      await client.query('savepoint a');
      const inner = await write(writer);
      const end = random();
      if (end < 0.3) await client.query('rollback to a');
      else values.push(...inner);
      if (end > 0.7) await client.query('release a');
    }
    return [...values, ...(await write(writer))];
  };
  const end = async ({ client, random, number }: Writer, values: string[]) => {
    const isKept = random() < 0.8;
    // Known before the commit is: a read may see the rows sooner than this session hears of it.
    if (isKept) for (const value of values) committed.add(value);
    if (random() < 0.2) {
      await client.query(`prepare transaction 'writer-${number}'`);
      await client.query(`${isKept ? 'commit' : 'rollback'} prepared 'writer-${number}'`);
    } else await client.query(isKept ? 'commit' : 'rollback');
    transactionCount++;
  };
  const forgive = async ({ client }: Writer, error: unknown) => {
    if (!LOST_RACE.has((error as { code: string }).code)) throw error;
    await client.query('rollback');
  };

  const writers = await Promise.all(Array.from({ length: count }, (_, number) => open(number)));
  const writing = Promise.all(
    writers.map(async (writer) => {
      while (!isStopping) {
        await writer.client.query('begin');
        await writeSome(writer)
          .then((values) => end(writer, values))
          .catch((error) => forgive(writer, error));
      }
    }),
  );
  // Awaited when they are stopped.
  writing.catch(() => undefined);

  return {
    committed,
    get transactionCount() {
      return transactionCount;
    },
    /** Begins a transaction in a session of its own and writes in it; ended by the caller, it writes once more. */
    async beginLong(): Promise<() => Promise<void>> {
      const writer = await open(++newKey);
      for (;;) {
        await writer.client.query('begin');
        const values = await writeSome(writer).catch((error) => forgive(writer, error));
        if (!values) continue;
        return async () => {
          await writeSome(writer)
            .then((more) => end(writer, [...values, ...more]))
            .catch((error) => forgive(writer, error));
          await writer.client.end();
        };
      }
    },
    async stop(): Promise<void> {
      isStopping = true;
      await writing;
      await Promise.all(writers.map(({ client }) => client.end()));
    },
  };
}
