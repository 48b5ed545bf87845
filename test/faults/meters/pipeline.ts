import { definePipeline } from '../../../src/core/definition.ts';

/** One table, one model, little patience: a fault shows soon. */
export default definePipeline({
  name: 'meters',
  sources: { grid: { urlVariable: 'METERS_GRID_URL' } },
  entities: [
    {
      name: 'readings',
      source: 'grid',
      table: 'public.readings',
      key: ['reading_id'],
      columns: {
        reading_id: { type: 'integer', nullable: false },
        kilowatts: { type: 'numeric(10,2)', measure: true },
      },
    },
  ],
  models: [{ name: 'reading_fact', sql: 'reading_fact.sql' }],
  retry: { attempts: 2, firstDelaySeconds: 0.2, maxDelaySeconds: 1 },
});
