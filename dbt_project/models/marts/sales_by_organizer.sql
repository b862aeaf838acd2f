{{ config(order_by='(organizer_id, currency)') }}

with

sales as (

    select * from {{ ref('int_orders_priced') }}
    where is_sale
      -- A sale without an organizer is found by the rule that these add up to the orders.
      and organizer_id is not null

)

select
    assumeNotNull(organizer_id) as organizer_id,
    currency,
    {{ sales_measures() }}
from sales
group by
    organizer_id,
    currency
