{{ config(order_by='organizer_id') }}

with

organizers as (

    select * from {{ ref('input_users__organizers') }}

),

events as (

    select
        events.organizer_id as organizer_id,
        count() as events,
        countIf(events.status in ('published', 'live')) as events_on_sale,
        countIf(events.status = 'completed') as events_completed,
        countIf(events.status = 'cancelled') as events_cancelled,
        sum(measured.tickets_offered) as tickets_offered,
        sum(measured.tickets_sold) as tickets_sold,
        sum(measured.tickets_refunded) as tickets_refunded,
        sumIf(measured.tickets_sold, measured.tickets_checked_in > 0) as tickets_at_doors,
        sum(measured.tickets_checked_in) as tickets_checked_in
    from {{ ref('input_events__events') }} as events
    inner join {{ ref('int_events_measured') }} as measured on measured.event_id = events.id
    group by organizer_id

),

orders as (

    select
        organizer_id,
        count() as orders,
        uniqExact(customer_id) as customers,
        {{ money_sum('sales_amount_eur') }} as sales_amount_eur,
        {{ money_sum('total_amount_eur') }} as total_amount_eur,
        {{ money_sum('refunded_amount_eur') }} as refunded_amount_eur,
        {{ money_sum('net_amount_eur') }} as net_amount_eur
    from {{ ref('int_orders_priced') }}
    where is_sale
      and organizer_id is not null
    group by organizer_id

),

regulars as (

    select
        organizer_id,
        countIf(orders > 1) as returning_customers
    from (
        select
            organizer_id,
            customer_id,
            count() as orders
        from {{ ref('int_orders_priced') }}
        where is_sale
          and customer_id is not null
        group by
            organizer_id,
            customer_id
    )
    group by organizer_id

),

disputes as (

    select
        orders.organizer_id as organizer_id,
        count() as disputes
    from {{ ref('input_payments__disputes') }} as disputes
    inner join {{ ref('int_orders_priced') }} as orders on orders.order_id = disputes.order_id
    group by organizer_id

)

select
    organizers.id as organizer_id,
    organizers.organization as organization,
    organizers.country as country,
    organizers.subscription_tier as subscription_tier,
    cast(coalesce(events.events, 0) as UInt64) as events,
    cast(coalesce(events.events_on_sale, 0) as UInt64) as events_on_sale,
    cast(coalesce(events.events_completed, 0) as UInt64) as events_completed,
    cast(coalesce(events.events_cancelled, 0) as UInt64) as events_cancelled,
    cast(coalesce(events.tickets_offered, 0) as Int64) as tickets_offered,
    cast(coalesce(events.tickets_sold, 0) as UInt64) as tickets_sold,
    cast(coalesce(events.tickets_refunded, 0) as UInt64) as tickets_refunded,
    cast(coalesce(events.tickets_at_doors, 0) as UInt64) as tickets_at_doors,
    cast(coalesce(events.tickets_checked_in, 0) as UInt64) as tickets_checked_in,
    {{ ratio('coalesce(events.tickets_sold, 0)', 'coalesce(events.tickets_offered, 0)') }} as sell_through,
    {{ ratio('coalesce(events.tickets_checked_in, 0)', 'coalesce(events.tickets_at_doors, 0)') }} as attendance,
    cast(coalesce(orders.orders, 0) as UInt64) as orders,
    cast(coalesce(orders.customers, 0) as UInt64) as customers,
    cast(coalesce(regulars.returning_customers, 0) as UInt64) as returning_customers,
    cast(coalesce(disputes.disputes, 0) as UInt64) as disputes,
    {{ ratio('coalesce(disputes.disputes, 0)', 'coalesce(orders.orders, 0)') }} as dispute_rate,
    cast(coalesce(orders.sales_amount_eur, 0) as {{ money_type() }}) as sales_amount_eur,
    cast(coalesce(orders.total_amount_eur, 0) as {{ money_type() }}) as total_amount_eur,
    cast(coalesce(orders.refunded_amount_eur, 0) as {{ money_type() }}) as refunded_amount_eur,
    cast(coalesce(orders.net_amount_eur, 0) as {{ money_type() }}) as net_amount_eur,
    {{ ratio('coalesce(orders.refunded_amount_eur, 0)', 'coalesce(orders.total_amount_eur, 0)') }} as refund_rate
from organizers
left join events on events.organizer_id = organizers.id
left join orders on orders.organizer_id = organizers.id
left join regulars on regulars.organizer_id = organizers.id
left join disputes on disputes.organizer_id = organizers.id
