{{ config(order_by='event_id') }}

-- What was offered, sold and attended, and for how much in euros, for every event.

with

offers as (

    select
        event_id,
        count() as ticket_types,
        sum(capacity) as tickets_offered
    from {{ ref('input_tickets__ticket_types') }}
    group by event_id

),

check_ins as (

    select distinct ticket_id
    from {{ ref('input_tickets__check_ins') }}

),

issued as (

    select
        tickets.event_id as event_id,
        countIf(tickets.status = 'sold') as tickets_sold,
        countIf(tickets.status = 'refunded') as tickets_refunded,
        countIf(check_ins.ticket_id is not null) as tickets_checked_in
    from {{ ref('input_tickets__tickets') }} as tickets
    left join check_ins on check_ins.ticket_id = tickets.id
    group by event_id

),

sales as (

    select
        event_id,
        count() as orders,
        {{ money_sum('total_amount_eur') }} as total_amount_eur,
        {{ money_sum('refunded_amount_eur') }} as refunded_amount_eur,
        {{ money_sum('net_amount_eur') }} as net_amount_eur
    from {{ ref('int_orders_priced') }}
    where is_sale
    group by event_id

)

select
    events.id as event_id,
    events.organizer_id as organizer_id,
    coalesce(offers.ticket_types, 0) as ticket_types,
    coalesce(offers.tickets_offered, 0) as tickets_offered,
    coalesce(issued.tickets_sold, 0) as tickets_sold,
    coalesce(issued.tickets_refunded, 0) as tickets_refunded,
    coalesce(issued.tickets_checked_in, 0) as tickets_checked_in,
    coalesce(sales.orders, 0) as orders,
    coalesce(sales.total_amount_eur, 0) as total_amount_eur,
    coalesce(sales.refunded_amount_eur, 0) as refunded_amount_eur,
    coalesce(sales.net_amount_eur, 0) as net_amount_eur
from {{ ref('input_events__events') }} as events
left join offers on offers.event_id = events.id
left join issued on issued.event_id = events.id
left join sales on sales.event_id = events.id
