{{ config(order_by='(event_id, currency)') }}

with

sales as (

    select * from {{ ref('int_orders_priced') }}
    where is_sale

)

select
    event_id,
    currency,
    {{ sales_measures() }}
from sales
group by
    event_id,
    currency
