{{ config(order_by='(ordered_at, order_id)') }}

with

attempts as (

    select
        order_id,
        countIf(status = 'failed') as failed_payments
    from {{ ref('input_payments__payments') }}
    group by order_id

),

disputes as (

    select
        order_id,
        count() as disputes,
        countIf(status = 'lost') as disputes_lost,
        sum(amount) as disputed_amount
    from {{ ref('input_payments__disputes') }}
    group by order_id

),

refunds as (

    select
        order_id,
        min(completed_at) as refunded_at
    from {{ ref('int_refunds_converted') }}
    where is_completed
    group by order_id

),

orders as (

    select
        *,
        if(
            customer_id is null,
            0,
            count() over (
                partition by customer_id
                order by toUnixTimestamp64Second(ordered_at)
                range between 3600 preceding and current row
            )
        ) as orders_in_hour
    from {{ ref('int_orders_priced') }}

),

signalled as (

    select
        orders.order_id as order_id,
        orders.event_id as event_id,
        orders.organizer_id as organizer_id,
        orders.customer_id as customer_id,
        orders.status as status,
        orders.channel as channel,
        orders.ordered_at as ordered_at,
        orders.currency as currency,
        orders.total_amount as total_amount,
        orders.total_amount_eur as total_amount_eur,
        coalesce(attempts.failed_payments, 0) as failed_payments,
        orders.orders_in_hour as orders_in_hour,
        dateDiff('minute', orders.ordered_at, refunds.refunded_at) as minutes_to_refund,
        coalesce(disputes.disputes, 0) as disputes,
        coalesce(disputes.disputes_lost, 0) as disputes_lost,
        coalesce(disputes.disputed_amount, 0) as disputed_amount,
        cast(orders.is_sale and coalesce(attempts.failed_payments, 0) >= 1 as Bool) as has_failed_payments,
        cast(orders.orders_in_hour >= 5 as Bool) as is_burst,
        cast(coalesce(minutes_to_refund <= 60, false) as Bool) as is_refunded_quickly,
        cast(coalesce(disputes.disputes, 0) > 0 as Bool) as is_disputed
    from orders
    left join attempts on attempts.order_id = orders.order_id
    left join disputes on disputes.order_id = orders.order_id
    left join refunds on refunds.order_id = orders.order_id

)

select
    order_id,
    event_id,
    organizer_id,
    customer_id,
    status,
    channel,
    ordered_at,
    currency,
    cast(total_amount as {{ money_type() }}) as total_amount,
    cast(total_amount_eur as {{ money_type(optional=true) }}) as total_amount_eur,
    cast(failed_payments as UInt64) as failed_payments,
    cast(orders_in_hour as UInt64) as orders_in_hour,
    cast(minutes_to_refund as Nullable(Int64)) as minutes_to_refund,
    cast(disputes as UInt64) as disputes,
    cast(disputes_lost as UInt64) as disputes_lost,
    cast(disputed_amount as {{ money_type() }}) as disputed_amount,
    has_failed_payments,
    is_burst,
    is_refunded_quickly,
    is_disputed,
    cast(has_failed_payments + is_burst + is_refunded_quickly + is_disputed as UInt8) as signals
from signalled
where signals > 0
