{{ config(order_by='(sales_on, channel, currency)') }}

with

sales as (

    select * from {{ ref('int_orders_priced') }}
    where is_sale

)

select
    ordered_on as sales_on,
    channel,
    currency,
    {{ sales_measures() }}
from sales
group by
    sales_on,
    channel,
    currency
