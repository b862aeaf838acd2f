{{ config(order_by='(event_id, checked_in_at, check_in_id)') }}

with

check_ins as (

    select * from {{ ref('int_check_ins_located') }}

),

tickets as (

    select id as ticket_id, ticket_type_id
    from {{ ref('input_tickets__tickets') }}
    where id in (select ticket_id from {{ ref('input_tickets__check_ins') }})

)

select
    check_ins.check_in_id as check_in_id,
    check_ins.ticket_id as ticket_id,
    tickets.ticket_type_id as ticket_type_id,
    check_ins.event_id as event_id,
    check_ins.organizer_id as organizer_id,
    check_ins.method as method,
    check_ins.gate as gate,
    check_ins.checked_in_at as checked_in_at,
    check_ins.checked_in_local_at as checked_in_local_at,
    check_ins.minutes_to_start as minutes_to_start
from check_ins
left join tickets on tickets.ticket_id = check_ins.ticket_id
