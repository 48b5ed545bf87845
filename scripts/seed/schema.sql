-- The example shop's own database. Dropped and created anew each time, so a run of the seeder always starts from nothing.
-- No foreign keys on purpose: the shop is a legacy system that deletes products which old orders still point at.
set local client_min_messages = warning;

drop table if exists public.orders, public.products, public.customers cascade;

create table public.customers (
  customer_id       int primary key,
  first_name        varchar(100),
  last_name         varchar(100),
  email             varchar(255),
  date_of_birth     date,
  registration_date date not null,
  address           varchar(255),
  city              varchar(100),
  state             varchar(50),
  postal_code       varchar(20),
  updated_at        timestamptz not null default now()
);

create table public.products (
  product_id   int primary key,
  product_name varchar(255) not null,
  category     varchar(100),
  manufacturer varchar(150),
  unit_price   numeric(10,2) not null,
  updated_at   timestamptz not null default now()
);

create table public.orders (
  order_id       int primary key,
  customer_id    int,
  product_id     int,
  quantity       int,
  unit_price     numeric(10,2),
  total_price    numeric(10,2),
  payment_method varchar(30),
  status         varchar(20),
  ordered_at     timestamptz not null,
  updated_at     timestamptz not null default now()
);

create index customers_updated_at on public.customers (updated_at);
create index products_updated_at on public.products (updated_at);
create index orders_updated_at on public.orders (updated_at);
create index orders_ordered_at on public.orders (ordered_at);

do $$
begin
  if exists (select from pg_catalog.pg_roles where rolname = 'tidemark_reader') then
    grant usage on schema public to tidemark_reader;
    grant select on public.customers, public.products, public.orders to tidemark_reader;
  end if;
end
$$;
