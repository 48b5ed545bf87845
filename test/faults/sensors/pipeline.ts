import { definePipeline } from '../../../src/core/definition.ts';

/** One table by business date, one extract at a time, a task queue of its own. */
export default definePipeline({
  name: 'sensors',
  sources: { grid: { urlVariable: 'SENSORS_GRID_URL' } },
  entities: [
    {
      name: 'signals',
      source: 'grid',
      table: 'public.signals',
      key: ['signal_id'],
      // The table is a view, which can make its readers wait.
      cursor: { mode: 'full' },
      businessDate: 'sent_on',
      columns: {
        signal_id: { type: 'integer', nullable: false },
        sent_on: { type: 'date', nullable: false },
        volts: { type: 'numeric(10,2)', measure: true },
      },
    },
  ],
  models: [{ name: 'signal_fact', sql: 'signal_fact.sql' }],
  taskQueue: 'sensors',
  limits: { extracts: 1 },
  retry: { attempts: 3, firstDelaySeconds: 0.2, maxDelaySeconds: 1 },
});
