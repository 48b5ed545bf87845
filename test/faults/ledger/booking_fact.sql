/*
grain: one row per booking
key: [account, booking_no]
columns:
  account: { type: varchar(20), nullable: false }
  booking_no: { type: integer, nullable: false }
  owner: { type: varchar(40) }
  amount: { type: 'numeric(12,2)', measure: true }
*/
SELECT b.account, b.booking_no, a.owner, b.amount FROM bookings b LEFT JOIN accounts a ON a.account = b.account
