{{ config(order_by='date_day') }}

with

days as (

    select * from {{ ref('int_dates_spun') }}

)

select
    date_day,
    toUInt16(toYear(date_day)) as year,
    toUInt8(toQuarter(date_day)) as quarter,
    toUInt8(toMonth(date_day)) as month,
    toDate32(toStartOfMonth(date_day)) as month_start,
    toUInt8(toISOWeek(date_day)) as iso_week,
    toUInt8(toDayOfWeek(date_day)) as day_of_week,
    dateName('weekday', date_day) as day_name,
    cast(toDayOfWeek(date_day) >= 6 as Bool) as is_weekend
from days
