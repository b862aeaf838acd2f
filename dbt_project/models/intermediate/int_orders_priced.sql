{{ config(order_by='order_id') }}

-- Every order with what was bought, paid and given back, in its currency and in euros.

with

orders as (

    select
        *,
        toDate32(placed_at) as ordered_on,
        cast(status in ('confirmed', 'partially_refunded', 'refunded') as Bool) as is_sale
    from {{ ref('input_tickets__orders') }}

),

events as (

    select id as event_id, organizer_id, time_zone
    from {{ ref('input_events__events') }}

),

rates as (

    select * from {{ ref('int_rates_resolved') }}

),

items as (

    select
        order_id,
        count() as items,
        sum(quantity) as tickets
    from {{ ref('input_tickets__order_items') }}
    group by order_id

),

payments as (

    select
        order_id,
        sum(amount) as paid_amount
    from {{ ref('input_payments__payments') }}
    where status in ('completed', 'refunded')
    group by order_id

),

refunds as (

    select
        order_id,
        sum(amount) as refunded_amount,
        sum(amount_eur) as refunded_amount_eur
    from {{ ref('int_refunds_converted') }}
    where is_completed
    group by order_id

),

rated as (

    select
        orders.*,
        rates.rate as exchange_rate
    from orders
    asof left join rates
        on rates.currency = orders.currency
        and rates.valid_from <= orders.ordered_on

),

joined as (

    select
        rated.id as order_id,
        rated.order_number as order_number,
        rated.event_id as event_id,
        rated.buyer_id as buyer_id,
        rated.discount_code_id as discount_code_id,
        rated.status as status,
        rated.is_sale as is_sale,
        rated.channel as channel,
        rated.placed_at as placed_at,
        rated.ordered_on as ordered_on,
        rated.confirmed_at as confirmed_at,
        rated.cancelled_at as cancelled_at,
        rated.currency as currency,
        rated.exchange_rate as exchange_rate,
        rated.subtotal as subtotal,
        rated.discount as discount,
        rated.tax as tax,
        rated.fee as fee,
        rated.total as total,
        events.organizer_id as organizer_id,
        {{ local_day('rated.placed_at', 'events.time_zone') }} as ordered_on_local,
        coalesce(items.items, 0) as items,
        coalesce(items.tickets, 0) as tickets,
        coalesce(payments.paid_amount, 0) as paid_amount,
        coalesce(refunds.refunded_amount, 0) as refunded_amount,
        coalesce(refunds.refunded_amount_eur, 0) as refunded_amount_eur,
        -- What was paid is converted; the price of the tickets takes what rounding leaves over.
        {{ converted('rated.total', 'rated.exchange_rate') }} as total_amount_eur,
        {{ converted('rated.tax', 'rated.exchange_rate') }} as tax_amount_eur,
        {{ converted('rated.fee', 'rated.exchange_rate') }} as fee_amount_eur,
        {{ converted('rated.discount', 'rated.exchange_rate') }} as discount_amount_eur
    from rated
    left join events on events.event_id = rated.event_id
    left join items on items.order_id = rated.id
    left join payments on payments.order_id = rated.id
    left join refunds on refunds.order_id = rated.id

)

select
    order_id,
    order_number,
    event_id,
    organizer_id,
    buyer_id as customer_id,
    discount_code_id,
    status,
    is_sale,
    channel,
    placed_at as ordered_at,
    ordered_on,
    ordered_on_local,
    confirmed_at,
    cancelled_at,
    items,
    tickets,
    currency,
    exchange_rate,
    subtotal as gross_amount,
    discount as discount_amount,
    subtotal - discount as sales_amount,
    tax as tax_amount,
    fee as fee_amount,
    total as total_amount,
    paid_amount,
    refunded_amount,
    total - refunded_amount as net_amount,
    total_amount_eur - tax_amount_eur - fee_amount_eur + discount_amount_eur as gross_amount_eur,
    discount_amount_eur,
    total_amount_eur - tax_amount_eur - fee_amount_eur as sales_amount_eur,
    tax_amount_eur,
    fee_amount_eur,
    total_amount_eur,
    refunded_amount_eur,
    total_amount_eur - refunded_amount_eur as net_amount_eur
from joined
