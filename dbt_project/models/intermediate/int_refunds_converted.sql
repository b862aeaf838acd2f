{{ config(order_by='order_id') }}

-- Each refund with its amount in euros, at the rate of the day of the sale.

with

refunds as (

    select * from {{ ref('input_payments__refunds') }}

),

orders as (

    select
        id as order_id,
        event_id,
        toDate32(placed_at) as ordered_on
    from {{ ref('input_tickets__orders') }}

),

rates as (

    select * from {{ ref('int_rates_resolved') }}

),

accumulated as (

    -- Only completed refunds are money given back; the running sum lets their parts add up exactly.
    select
        refunds.*,
        cast(refunds.status = 'completed' as Bool) as is_completed,
        sum(if(refunds.status = 'completed', refunds.amount, 0)) over (
            partition by refunds.order_id
            order by refunds.id
            rows between unbounded preceding and current row
        ) as amount_so_far
    from refunds

),

dated as (

    select
        accumulated.id as id,
        accumulated.payment_id as payment_id,
        accumulated.order_id as order_id,
        accumulated.status as status,
        accumulated.is_completed as is_completed,
        accumulated.reason as reason,
        accumulated.currency as currency,
        accumulated.amount as amount,
        accumulated.amount_so_far as amount_so_far,
        accumulated.created_at as created_at,
        accumulated.completed_at as completed_at,
        orders.event_id as event_id,
        orders.ordered_on as ordered_on
    from accumulated
    left join orders on orders.order_id = accumulated.order_id

)

select
    dated.id as refund_id,
    dated.payment_id as payment_id,
    dated.order_id as order_id,
    dated.event_id as event_id,
    dated.status as status,
    dated.is_completed as is_completed,
    dated.reason as reason,
    dated.currency as currency,
    rates.rate as exchange_rate,
    dated.amount as amount,
    if(
        dated.is_completed,
        {{ converted_share('dated.amount_so_far', 'dated.amount', 'rates.rate') }},
        {{ converted('dated.amount', 'rates.rate') }}
    ) as amount_eur,
    dated.created_at as requested_at,
    dated.completed_at as completed_at
from dated
asof left join rates
    on rates.currency = dated.currency
    and rates.valid_from <= dated.ordered_on
