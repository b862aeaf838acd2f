{{ config(order_by='(requested_at, payment_id)') }}

with

payments as (

    select * from {{ ref('input_payments__payments') }}

),

orders as (

    select
        order_id,
        event_id,
        organizer_id,
        exchange_rate
    from {{ ref('int_orders_priced') }}

),

refunds as (

    select
        payment_id,
        sum(amount) as refunded_amount,
        sum(amount_eur) as refunded_amount_eur
    from {{ ref('int_refunds_converted') }}
    where is_completed
    group by payment_id

),

joined as (

    select
        payments.id as id,
        payments.order_id as order_id,
        payments.provider as provider,
        payments.method as method,
        payments.status as status,
        payments.failure_code as failure_code,
        payments.created_at as created_at,
        payments.completed_at as completed_at,
        payments.currency as currency,
        payments.amount as amount,
        payments.fee as fee,
        orders.event_id as event_id,
        orders.organizer_id as organizer_id,
        orders.exchange_rate as exchange_rate,
        -- A failed attempt moved no money.
        cast(payments.status in ('completed', 'refunded') as Bool) as is_received,
        coalesce(refunds.refunded_amount, 0) as given_back,
        coalesce(refunds.refunded_amount_eur, 0) as given_back_eur,
        {{ converted('payments.amount', 'orders.exchange_rate') }} as amount_eur,
        {{ converted('payments.fee', 'orders.exchange_rate') }} as provider_fee_amount_eur
    from payments
    left join orders on orders.order_id = payments.order_id
    left join refunds on refunds.payment_id = payments.id

)

select
    id as payment_id,
    order_id,
    event_id,
    organizer_id,
    provider,
    method,
    status,
    is_received,
    failure_code,
    created_at as requested_at,
    completed_at,
    currency,
    exchange_rate,
    cast(amount as {{ money_type() }}) as amount,
    cast(fee as {{ money_type() }}) as provider_fee_amount,
    cast(given_back as {{ money_type() }}) as refunded_amount,
    cast(if(is_received, amount - fee, 0) - given_back as {{ money_type() }}) as net_amount,
    amount_eur,
    provider_fee_amount_eur,
    cast(given_back_eur as {{ money_type() }}) as refunded_amount_eur,
    cast(
        if(is_received, amount_eur - provider_fee_amount_eur, 0) - given_back_eur
        as {{ money_type(optional=true) }}
    ) as net_amount_eur
from joined
