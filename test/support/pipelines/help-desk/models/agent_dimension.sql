/*
grain: one row per agent
key: [agent_id]
columns:
  agent_id: { type: integer, nullable: false }
  team: { type: varchar(20) }
*/
select agent_id, team from agents
