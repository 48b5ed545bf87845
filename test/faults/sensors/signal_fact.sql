/*
grain: one row per signal
key: [signal_id]
columns:
  signal_id: { type: integer, nullable: false }
  sent_on: { type: date, nullable: false }
  volts: { type: 'numeric(10,2)', measure: true }
*/
SELECT signal_id, sent_on, volts FROM signals
