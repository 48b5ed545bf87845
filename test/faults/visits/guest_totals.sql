/*
grain: one row per guest with a visit
key: [guest_id]
columns:
  guest_id: { type: integer, nullable: false }
  visits: { type: bigint, nullable: false }
  amount: { type: 'numeric(20,2)', nullable: false, measure: true }
*/
SELECT guest_id, count(*) AS visits, cast(sum(amount) AS decimal(20, 2)) AS amount
FROM visits GROUP BY guest_id
