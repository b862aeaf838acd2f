{{ config(order_by='customer_id') }}

-- What each account has bought, and when; only accounts that have bought.

with

sales as (

    select * from {{ ref('int_orders_priced') }}
    where is_sale
      and customer_id is not null

)

select
    assumeNotNull(customer_id) as customer_id,
    min(ordered_at) as first_ordered_at,
    max(ordered_at) as last_ordered_at,
    toDate32(toStartOfMonth(min(ordered_on))) as cohort_month,
    count() as orders,
    sum(tickets) as tickets,
    uniqExact(event_id) as events,
    countIf(status = 'refunded') as orders_refunded,
    argMin(order_id, (ordered_at, order_id)) as first_order_id,
    {{ money_sum('total_amount_eur') }} as total_amount_eur,
    {{ money_sum('refunded_amount_eur') }} as refunded_amount_eur,
    {{ money_sum('net_amount_eur') }} as net_amount_eur
from sales
group by customer_id
