{{ config(order_by='(event_id, opened_on_local)') }}

-- Each cart with what became of it: an order, and whether that was paid.

with

carts as (

    select * from {{ ref('input_events__carts') }}

),

events as (

    select
        id as event_id,
        organizer_id,
        time_zone
    from {{ ref('input_events__events') }}

),

orders as (

    select order_id, is_sale
    from {{ ref('int_orders_priced') }}
    where order_id in (select converted_order_id from {{ ref('input_events__carts') }})

)

select
    carts.id as cart_id,
    carts.event_id as event_id,
    events.organizer_id as organizer_id,
    carts.user_id as customer_id,
    carts.visitor_id as visitor_id,
    carts.status as status,
    cast(orders.order_id is not null as Bool) as is_converted,
    cast(coalesce(orders.is_sale, false) as Bool) as is_paid,
    orders.order_id as order_id,
    carts.created_at as opened_at,
    {{ local_day('carts.created_at', 'events.time_zone') }} as opened_on_local,
    carts.currency as currency,
    carts.total as total
from carts
left join events on events.event_id = carts.event_id
left join orders on orders.order_id = carts.converted_order_id
