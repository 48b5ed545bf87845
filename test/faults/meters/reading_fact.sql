/*
grain: one row per reading
key: [reading_id]
columns:
  reading_id: { type: integer, nullable: false }
  kilowatts: { type: 'numeric(10,2)', measure: true }
*/
SELECT reading_id, kilowatts FROM readings
