/*
grain: one row per ticket
key: [ticket_id]
incremental: tickets
partition_by: team
evolve: tickets
columns:
  ticket_id: { type: integer, nullable: false }
  minutes: { type: integer, measure: true }
  urgency: { type: smallint }
  subject: { type: varchar(100) }
  team: { type: varchar(20), nullable: false }
*/
select ticket_id, minutes, urgency, subject, team from tickets
