{{ config(order_by='(event_id, gate, minute_at)') }}

with

check_ins as (

    select * from {{ ref('int_check_ins_located') }}

),

minutes as (

    select
        event_id,
        gate,
        toDateTime(toStartOfMinute(checked_in_at), 'UTC') as minute_at,
        any(organizer_id) as organizer_id,
        toDateTime(toStartOfMinute(any(checked_in_local_at)), 'UTC') as minute_local_at,
        any(minutes_to_start) as minutes_to_start,
        count() as admitted
    from check_ins
    group by
        event_id,
        gate,
        minute_at

)

select
    event_id,
    organizer_id,
    gate,
    minute_at,
    minute_local_at,
    minutes_to_start,
    admitted,
    cast(sum(admitted) over so_far as UInt64) as admitted_so_far
from minutes
window so_far as (
    partition by event_id, gate order by minute_at rows between unbounded preceding and current row
)
