/*
grain: one row per visit
key: [visit_id]
incremental: visits
partition_by: month
columns:
  visit_id: { type: integer, nullable: false }
  guest_id: { type: integer, nullable: false }
  visited_on: { type: date, nullable: false }
  amount: { type: 'numeric(10,2)', nullable: false, measure: true }
  month: { type: varchar(7), nullable: false }
*/
SELECT visit_id, guest_id, visited_on, amount, month FROM visits
