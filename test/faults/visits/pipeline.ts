import { definePipeline } from '../../../src/core/definition.ts';

/** A table by business date, stored by month, whose rows come, change, move and go; negative amounts wait for a person. */
export default definePipeline({
  name: 'visits',
  sources: { desk: { urlVariable: 'VISITS_DESK_URL' } },
  entities: [
    {
      name: 'visits',
      source: 'desk',
      table: 'public.visits',
      key: ['visit_id'],
      businessDate: 'visited_on',
      columns: {
        visit_id: { type: 'integer', nullable: false },
        guest_id: { type: 'integer', nullable: false },
        visited_on: { type: 'date', nullable: false },
        amount: { type: 'numeric(10,2)', nullable: false, measure: true },
      },
      derive: { month: { type: 'varchar(7)', sql: "date_format(visited_on, 'yyyy-MM')" } },
      reject: [{ reason: 'negative amount', when: 'amount < 0' }],
      partitionBy: 'month',
      suite: 'visits.json',
      deletes: { mode: 'reconcile', maxShare: 1 },
    },
  ],
  models: [
    { name: 'visit_fact', sql: 'visit_fact.sql' },
    { name: 'guest_totals', sql: 'guest_totals.sql' },
  ],
  retry: { attempts: 3, firstDelaySeconds: 0.2, maxDelaySeconds: 1 },
});
