import type pg from 'pg';
import type { Random } from '../../../scripts/seed/random.ts';

const GUESTS = 8;
const VISITS = 60;
/** Business dates of visits are in these days from the first of 2024 on: four months. */
const DAYS = 121;

/** A lock that took too long, a deadlock, a key that somebody else has just inserted. */
const LOST_RACE = new Set(['55P03', '40P01', '23505']);

/** The table, a history of every version that was committed, and rows to begin with. */
export const VISITS_SCHEMA = `
  CREATE TABLE visits (visit_id int PRIMARY KEY, guest_id int NOT NULL, visited_on date NOT NULL, amount numeric(10,2) NOT NULL);
  CREATE TABLE history (line text);
  CREATE FUNCTION remember() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO history VALUES (concat_ws(',', NEW.visit_id, NEW.guest_id, NEW.visited_on, NEW.amount));
    RETURN NULL;
  END $$;
  CREATE TRIGGER remember AFTER INSERT OR UPDATE ON visits FOR EACH ROW EXECUTE FUNCTION remember();
  INSERT INTO visits SELECT n, 1 + n % ${GUESTS}, date '2024-01-01' + n * 2, n FROM generate_series(1, ${VISITS}) n`;

/** Who changes the source, each change as its seed gives it. */
export class VisitsWriter {
  private readonly random: Random;
  private readonly client: pg.Client;
  private isInLongTransaction = false;

  private constructor(client: pg.Client, random: Random) {
    this.client = client;
    this.random = random;
  }

  /** Takes a connection to the source for itself. */
  static async begin(client: pg.Client, random: Random): Promise<VisitsWriter> {
    await client.query("SET lock_timeout = '20ms'");
    return new VisitsWriter(client, random);
  }

  /** One transaction of a few changes; one that meets another's locks is rolled back. */
  async write(options: { readonly isBadAllowed: boolean }): Promise<void> {
    await this.client.query('BEGIN');
    await this.change(options);
    await this.end();
  }

  /** Begins a transaction with some changes that stays open, or ends the one that is open. */
  async turnLongTransaction(): Promise<void> {
    if (this.isInLongTransaction) return await this.end();
    await this.client.query('BEGIN');
    await this.change({ isBadAllowed: true });
    this.isInLongTransaction = true;
  }

  /** Makes all that the raw check refuses right. */
  async mend(): Promise<void> {
    await this.client.query('UPDATE visits SET amount = -amount WHERE amount < 0').catch(forgive);
  }

  /** Ends the transaction that is open, most often by commit. */
  async end(): Promise<void> {
    this.isInLongTransaction = false;
    await this.client.query(this.random.chance(0.8) ? 'COMMIT' : 'ROLLBACK');
  }

  private async change({ isBadAllowed }: { readonly isBadAllowed: boolean }): Promise<void> {
    const { random } = this;
    for (let left = random.between(1, 4); left > 0; left--) {
      const visit = random.between(1, VISITS + 20);
      const guest = random.between(1, GUESTS);
      const day = `date '2024-01-01' + ${random.below(DAYS)}`;
      const isBad = isBadAllowed && random.chance(0.12);
      const amount = `${isBad ? '-' : ''}${random.between(1, 99_999)} * 0.01`;
      const text = random.pick([
        `INSERT INTO visits VALUES (${visit}, ${guest}, ${day}, ${amount})
           ON CONFLICT (visit_id) DO UPDATE SET amount = excluded.amount, guest_id = excluded.guest_id`,
        `UPDATE visits SET amount = ${amount} WHERE visit_id = ${visit}`,
        `UPDATE visits SET visited_on = ${day} WHERE visit_id = ${visit}`,
        `DELETE FROM visits WHERE visit_id IN (${visit}, ${visit + 1})`,
        `INSERT INTO visits SELECT n, ${guest}, ${day}, abs(${amount}) FROM generate_series(${visit}, ${visit + 2}) n ON CONFLICT DO NOTHING`,
      ]);
      await this.client.query('SAVEPOINT one');
      await this.client.query(text).catch(async (error) => {
        forgive(error);
        await this.client.query('ROLLBACK TO one');
      });
    }
  }
}

function forgive(error: unknown): void {
  if (!LOST_RACE.has((error as { code: string }).code)) throw error;
}
