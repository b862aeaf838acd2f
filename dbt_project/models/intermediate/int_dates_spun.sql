{{ config(order_by='date_day') }}

-- Every day of the years in which anything was ordered or takes place.

with

moments as (

    select
        min(placed_at) as first_at,
        max(placed_at) as last_at
    from {{ ref('input_tickets__orders') }}
    union all
    select
        min(starts_at) as first_at,
        max(ends_at) as last_at
    from {{ ref('input_events__events') }}

),

bounds as (

    select
        toStartOfYear(toDate32(minIf(first_at, first_at > toDateTime64('1971-01-01 00:00:00', 6, 'UTC')))) as first_day,
        addYears(toStartOfYear(toDate32(max(last_at))), 1) as end_day
    from moments

)

select toDate32(arrayJoin(arrayMap(
    number -> addDays(bounds.first_day, number), range(toUInt32(greatest(0, dateDiff('day', bounds.first_day, bounds.end_day))))
))) as date_day
from bounds
