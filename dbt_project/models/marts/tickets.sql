{{ config(order_by='(event_id, ticket_id)') }}

with

tickets as (

    select * from {{ ref('input_tickets__tickets') }}

),

ticket_types as (

    select id as ticket_type_id, name as ticket_type_name
    from {{ ref('input_tickets__ticket_types') }}

),

orders as (

    select
        order_id,
        is_sale,
        ordered_at,
        exchange_rate
    from {{ ref('int_orders_priced') }}

),

check_ins as (

    select
        ticket_id,
        min(checked_in_at) as checked_in_at
    from {{ ref('input_tickets__check_ins') }}
    group by ticket_id

),

transfers as (

    select
        ticket_id,
        count() as transfers
    from {{ ref('input_tickets__ticket_transfers') }}
    where status = 'accepted'
    group by ticket_id

)

select
    tickets.id as ticket_id,
    tickets.ticket_number as ticket_number,
    tickets.event_id as event_id,
    tickets.ticket_type_id as ticket_type_id,
    ticket_types.ticket_type_name as ticket_type_name,
    tickets.order_id as order_id,
    tickets.order_item_id as order_item_id,
    tickets.holder_id as holder_id,
    tickets.status as status,
    cast(coalesce(orders.is_sale, false) as Bool) as is_sale,
    orders.ordered_at as ordered_at,
    tickets.issued_at as issued_at,
    check_ins.checked_in_at as checked_in_at,
    cast(check_ins.checked_in_at is not null as Bool) as is_checked_in,
    cast(coalesce(transfers.transfers, 0) as UInt32) as transfers,
    tickets.currency as currency,
    cast(tickets.price as {{ money_type() }}) as price_amount,
    {{ converted('tickets.price', 'orders.exchange_rate') }} as price_amount_eur
from tickets
left join orders on orders.order_id = tickets.order_id
left join ticket_types on ticket_types.ticket_type_id = tickets.ticket_type_id
left join check_ins on check_ins.ticket_id = tickets.id
left join transfers on transfers.ticket_id = tickets.id
