/*
grain: one row per day from 2000-01-01 to 2035-12-31
key: [date_id]
description: Days, with the federal holidays of the United States.
distribution: all
sort: [date_id]
columns:
  date_id: { type: integer, nullable: false, description: yyyymmdd }
  calendar_date: { type: date, nullable: false }
  day: { type: integer, nullable: false }
  month: { type: integer, nullable: false }
  year: { type: integer, nullable: false }
  weekday: { type: varchar(10), nullable: false, description: "Sunday to Saturday" }
  is_weekend: { type: boolean, nullable: false, description: Saturday or Sunday }
  is_holiday: { type: boolean, nullable: false, description: "A US federal holiday, or the weekday on which one is observed" }
  quarter: { type: integer, nullable: false }
*/
with numbered as (
  select explode(sequence(0, 13148)) as n
),
-- 2000-01-01 was a Saturday; weekday 0 is Sunday.
dated as (
  select date '2000-01-01' + cast(n as int) as calendar_date, cast((n + 6) % 7 as int) as weekday_number
  from numbered
),
split as (
  select
    calendar_date,
    weekday_number,
    year(calendar_date) as y,
    month(calendar_date) as m,
    day(calendar_date) as d,
    -- A holiday on a Saturday is observed on the Friday before, one on a Sunday on the Monday after.
    case weekday_number
      when 5 then calendar_date + 1
      when 1 then calendar_date - 1
      else calendar_date
    end as neighbour_date
  from dated
),
fixed as (
  select
    *,
    month(neighbour_date) * 100 + day(neighbour_date) as neighbour_md
  from split
)
select
  cast(y * 10000 + m * 100 + d as int) as date_id,
  calendar_date,
  d as day,
  m as month,
  y as year,
  case weekday_number
    when 0 then 'Sunday'
    when 1 then 'Monday'
    when 2 then 'Tuesday'
    when 3 then 'Wednesday'
    when 4 then 'Thursday'
    when 5 then 'Friday'
    else 'Saturday'
  end as weekday,
  weekday_number in (0, 6) as is_weekend,
  (
    m * 100 + d in (101, 704, 1111, 1225)
    or neighbour_md in (101, 704, 1111, 1225)
    -- Juneteenth is a federal holiday since 2021.
    or (y >= 2021 and (m * 100 + d = 619 or neighbour_md = 619))
    or (weekday_number = 1 and m = 1 and d between 15 and 21) -- Martin Luther King's birthday
    or (weekday_number = 1 and m = 2 and d between 15 and 21) -- Washington's birthday
    or (weekday_number = 1 and m = 5 and d >= 25) -- Memorial Day
    or (weekday_number = 1 and m = 9 and d <= 7) -- Labor Day
    or (weekday_number = 1 and m = 10 and d between 8 and 14) -- Columbus Day
    or (weekday_number = 4 and m = 11 and d between 22 and 28) -- Thanksgiving
  ) as is_holiday,
  quarter(calendar_date) as quarter
from fixed
