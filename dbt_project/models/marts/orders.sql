{{ config(order_by='(ordered_on, order_id)') }}

with

orders as (

    select * from {{ ref('int_orders_priced') }}

)

select
    order_id,
    order_number,
    event_id,
    organizer_id,
    customer_id,
    discount_code_id,
    status,
    is_sale,
    channel,
    ordered_at,
    ordered_on,
    confirmed_at,
    cancelled_at,
    cast(items as UInt32) as items,
    cast(tickets as UInt32) as tickets,
    currency,
    exchange_rate
    {%- for amount in sales_amounts() %},
    cast({{ amount }}_amount as {{ money_type() }}) as {{ amount }}_amount
    {%- endfor %},
    cast(paid_amount as {{ money_type() }}) as paid_amount
    {%- for amount in sales_amounts() %},
    cast({{ amount }}_amount_eur as {{ money_type(optional=amount != "refunded") }}) as {{ amount }}_amount_eur
    {%- endfor %}
from orders
