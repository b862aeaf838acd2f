{{ config(order_by='(event_id, checked_in_at)') }}

-- Each admission at its door, by the clocks of the event.

with

check_ins as (

    select * from {{ ref('input_tickets__check_ins') }}

),

events as (

    select
        id as event_id,
        organizer_id,
        starts_at,
        time_zone
    from {{ ref('input_events__events') }}

)

select
    check_ins.id as check_in_id,
    check_ins.ticket_id as ticket_id,
    check_ins.event_id as event_id,
    events.organizer_id as organizer_id,
    check_ins.method as method,
    check_ins.gate as gate,
    check_ins.checked_in_at as checked_in_at,
    {{ local_time('check_ins.checked_in_at', 'events.time_zone') }} as checked_in_local_at,
    cast(dateDiff('minute', toStartOfMinute(check_ins.checked_in_at), events.starts_at) as Nullable(Int32)) as minutes_to_start
from check_ins
left join events on events.event_id = check_ins.event_id
