import pg from 'pg';

/**
 * Opens one connection, runs `work` and closes it whatever happens. Times are UTC. A failure to connect names host,
 * port and database, never the password.
 */
export async function withClient<T>(adminUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  if (!/^postgres(ql)?:\/\//.test(adminUrl)) {
    throw new RangeError('the database URL must begin with postgres:// or postgresql://');
  }
  const client = new pg.Client({ connectionString: adminUrl, application_name: 'shop-seed' });
  // A connection that breaks while idle reports here; the query that needs it fails by itself.
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (cause) {
    const where = `${client.host}:${client.port}/${client.database}`;
    const reason = cause instanceof Error ? cause.message || ('code' in cause ? String(cause.code) : '') : '';
    throw new Error(`cannot connect to the shop database at ${where}: ${reason}. Is it running?`, { cause });
  }
  try {
    await client.query("set time zone 'UTC'");
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Runs `work` in one transaction: commits when it resolves, rolls back when it throws. */
export async function inTransaction<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query('begin');
  try {
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}
