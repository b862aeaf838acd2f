{{ config(order_by='(event_id, cart_id)') }}

with

carts as (

    select * from {{ ref('int_carts_followed') }}

)

select
    cart_id,
    event_id,
    organizer_id,
    customer_id,
    status,
    is_converted,
    is_paid,
    order_id,
    opened_at,
    opened_on_local,
    currency,
    cast(total as {{ money_type() }}) as total_amount
from carts
