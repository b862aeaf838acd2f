{{ config(order_by='customer_id') }}

with

customers as (

    select * from {{ ref('int_customers_measured') }}

),

scored as (

    select
        *,
        dateDiff('day', last_ordered_at, {{ cut() }}) as days_since_last_order,
        ntile(5) over (order by last_ordered_at, customer_id) as recency_score,
        ntile(5) over (order by orders, last_ordered_at, customer_id) as frequency_score,
        ntile(5) over (order by net_amount_eur, customer_id) as money_score
    from customers

)

select
    customer_id,
    cohort_month,
    first_ordered_at,
    last_ordered_at,
    cast(days_since_last_order as Int32) as days_since_last_order,
    cast(orders as UInt64) as orders,
    cast(orders_refunded as UInt64) as orders_refunded,
    cast(tickets as UInt64) as tickets,
    cast(events as UInt64) as events,
    total_amount_eur,
    refunded_amount_eur,
    net_amount_eur,
    cast(round(total_amount_eur / orders, 2) as {{ money_type() }}) as average_order_amount_eur,
    cast(recency_score as UInt8) as recency_score,
    cast(frequency_score as UInt8) as frequency_score,
    cast(money_score as UInt8) as money_score,
    toLowCardinality(multiIf(
        recency_score >= 4 and frequency_score >= 4, 'champion',
        recency_score >= 4 and orders = 1, 'new',
        recency_score >= 3, 'active',
        frequency_score >= 4, 'at_risk',
        'lapsed'
    )) as segment
from scored
