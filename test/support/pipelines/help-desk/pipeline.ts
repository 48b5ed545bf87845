import { definePipeline } from '../../../../src/core/definition.ts';

/** A source that changes under the pipeline: new columns are carried, a swapped table waits for a decision. */
export default definePipeline({
  name: 'help_desk',
  sources: { desk: { urlVariable: 'HELP_DESK_URL' } },
  entities: [
    {
      name: 'tickets',
      source: 'desk',
      table: 'public.tickets',
      key: ['ticket_id'],
      partitionBy: 'team',
      onDrift: 'evolve',
      suite: 'suites/tickets.json',
      columns: {
        ticket_id: { type: 'integer', nullable: false },
        team: { type: 'varchar(20)', nullable: false },
        minutes: { type: 'integer', measure: true },
        urgency: { type: 'smallint' },
        subject: { type: 'varchar(100)' },
      },
    },
    {
      name: 'agents',
      source: 'desk',
      table: 'public.agents',
      key: ['agent_id'],
      onRelationChange: 'gate',
      columns: { agent_id: { type: 'integer', nullable: false }, team: { type: 'varchar(20)' } },
    },
  ],
  models: [
    { name: 'ticket_fact', sql: 'models/ticket_fact.sql' },
    { name: 'agent_dimension', sql: 'models/agent_dimension.sql' },
  ],
});
