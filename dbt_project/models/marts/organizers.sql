{{ config(order_by='organizer_id') }}

with

organizers as (

    select * from {{ ref('input_users__organizers') }}

),

events as (

    select
        organizer_id,
        count() as events,
        sum(orders) as orders,
        sum(tickets_sold) as tickets_sold,
        {{ money_sum('total_amount_eur') }} as total_amount_eur,
        {{ money_sum('refunded_amount_eur') }} as refunded_amount_eur,
        {{ money_sum('net_amount_eur') }} as net_amount_eur
    from {{ ref('int_events_measured') }}
    group by organizer_id

)

select
    organizers.id as organizer_id,
    organizers.owner_id as owner_id,
    organizers.organization as organization,
    organizers.slug as slug,
    organizers.country as country,
    organizers.verified as is_verified,
    organizers.verified_at as verified_at,
    organizers.subscription_tier as subscription_tier,
    organizers.commission_rate as commission_rate,
    organizers.payout_currency as payout_currency,
    organizers.created_at as registered_at,
    cast(coalesce(events.events, 0) as UInt64) as events,
    cast(coalesce(events.orders, 0) as UInt64) as orders,
    cast(coalesce(events.tickets_sold, 0) as UInt64) as tickets_sold,
    cast(coalesce(events.total_amount_eur, 0) as {{ money_type() }}) as total_amount_eur,
    cast(coalesce(events.refunded_amount_eur, 0) as {{ money_type() }}) as refunded_amount_eur,
    cast(coalesce(events.net_amount_eur, 0) as {{ money_type() }}) as net_amount_eur
from organizers
left join events on events.organizer_id = organizers.id
