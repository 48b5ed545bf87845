/*
grain: one row per customer, one for "unknown" (-1), one for each id that an order names and the shop lacks
key: [customer_id]
description: Who bought. Customers who share an e-mail address are all kept; the later ones point at the first.
distribution: all
sort: [customer_id]
columns:
  customer_id: { type: integer, nullable: false }
  customer_name: { type: varchar(255), nullable: false, pii: direct }
  customer_email: { type: varchar(255), pii: direct, description: NULL where it is missing or malformed }
  is_email_valid: { type: boolean, nullable: false }
  date_of_birth: { type: date, pii: quasi }
  registration_date: { type: date, description: NULL for unknown customers }
  address: { type: varchar(255), pii: direct }
  city: { type: varchar(100), nullable: false, pii: quasi }
  state: { type: varchar(50), nullable: false }
  postal_code: { type: varchar(20), pii: quasi }
  duplicate_of_customer_id: { type: integer, description: Lowest id with the same e-mail address; NULL for that one itself }
  is_inferred: { type: boolean, nullable: false, description: True where the shop has no such customer }
*/
with known as (
  select
    customer_id,
    coalesce(customer_name, 'Unknown') as customer_name,
    email as customer_email,
    is_email_valid,
    date_of_birth,
    registration_date,
    address,
    coalesce(city, 'Unknown') as city,
    coalesce(state, 'Unknown') as state,
    postal_code,
    case when email is not null then min(customer_id) over (partition by email) end as first_customer_id
  from customers
),
named as (
  select -1 as customer_id
  union
  select customer_id from orders where customer_id is not null
)
select
  customer_id,
  customer_name,
  customer_email,
  is_email_valid,
  date_of_birth,
  registration_date,
  address,
  city,
  state,
  postal_code,
  nullif(first_customer_id, customer_id) as duplicate_of_customer_id,
  false as is_inferred
from known
union all
select
  named.customer_id,
  'Unknown' as customer_name,
  cast(null as string) as customer_email,
  false as is_email_valid,
  cast(null as date) as date_of_birth,
  cast(null as date) as registration_date,
  cast(null as string) as address,
  'Unknown' as city,
  'Unknown' as state,
  cast(null as string) as postal_code,
  cast(null as int) as duplicate_of_customer_id,
  true as is_inferred
from named
left anti join known on known.customer_id = named.customer_id
