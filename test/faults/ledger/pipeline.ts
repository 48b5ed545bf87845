import { definePipeline } from '../../../src/core/definition.ts';

/** A large table with a key of two columns, and a small one that is loaded whole. */
export default definePipeline({
  name: 'ledger',
  sources: { bank: { urlVariable: 'LEDGER_BANK_URL', connections: 1 } },
  entities: [
    {
      name: 'accounts',
      source: 'bank',
      table: 'public.accounts',
      key: ['account'],
      columns: { account: { type: 'text', nullable: false }, owner: { type: 'text' } },
    },
    {
      name: 'bookings',
      source: 'bank',
      table: 'public.bookings',
      key: ['account', 'booking_no'],
      columns: {
        account: { type: 'text', nullable: false },
        booking_no: { type: 'integer', nullable: false },
        amount: { type: 'numeric(12,2)', measure: true },
      },
      deletes: { mode: 'reconcile', maxShare: 1 },
    },
  ],
  models: [{ name: 'booking_fact', sql: 'booking_fact.sql' }],
  retry: { attempts: 3, firstDelaySeconds: 0.2, maxDelaySeconds: 1 },
});
