{{ config(order_by='(event_id, ticket_type_id)') }}

with

ticket_types as (

    select * from {{ ref('input_tickets__ticket_types') }}

),

events as (

    select id as event_id, organizer_id
    from {{ ref('input_events__events') }}

),

issued as (

    select
        ticket_type_id,
        countIf(status = 'reserved') as tickets_held,
        countIf(status = 'sold') as tickets_sold,
        countIf(status = 'refunded') as tickets_refunded
    from {{ ref('input_tickets__tickets') }}
    group by ticket_type_id

)

select
    ticket_types.id as ticket_type_id,
    ticket_types.event_id as event_id,
    events.organizer_id as organizer_id,
    ticket_types.name as name,
    ticket_types.status as status,
    cast(ticket_types.price as {{ money_type() }}) as price_amount,
    ticket_types.currency as currency,
    ticket_types.sales_start_at as sales_start_at,
    ticket_types.sales_end_at as sales_end_at,
    cast(ticket_types.capacity as Int64) as tickets_offered,
    cast(coalesce(issued.tickets_held, 0) as Int64) as tickets_held,
    cast(coalesce(issued.tickets_sold, 0) as Int64) as tickets_sold,
    cast(coalesce(issued.tickets_refunded, 0) as Int64) as tickets_refunded,
    cast(
        ticket_types.capacity - coalesce(issued.tickets_held, 0) - coalesce(issued.tickets_sold, 0) as Int64
    ) as tickets_left,
    {{ ratio('coalesce(issued.tickets_sold, 0)', 'ticket_types.capacity') }} as sell_through
from ticket_types
left join events on events.event_id = ticket_types.event_id
left join issued on issued.ticket_type_id = ticket_types.id
