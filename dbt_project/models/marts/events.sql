{{ config(order_by='event_id') }}

with

events as (

    select * from {{ ref('input_events__events') }}

),

venues as (

    select * from {{ ref('input_events__venues') }}

),

measured as (

    select * from {{ ref('int_events_measured') }}

)

select
    events.id as event_id,
    events.organizer_id as organizer_id,
    events.venue_id as venue_id,
    events.title as title,
    events.slug as slug,
    events.type as type,
    events.format as format,
    events.status as status,
    events.visibility as visibility,
    venues.name as venue_name,
    venues.city as venue_city,
    venues.country as venue_country,
    events.time_zone as time_zone,
    events.created_at as created_at,
    events.published_at as published_at,
    events.cancelled_at as cancelled_at,
    events.starts_at as starts_at,
    events.ends_at as ends_at,
    events.currency as currency,
    cast(events.capacity as Int64) as capacity,
    cast(measured.ticket_types as UInt64) as ticket_types,
    cast(measured.tickets_offered as Int64) as tickets_offered,
    cast(measured.tickets_sold as UInt64) as tickets_sold,
    cast(measured.tickets_refunded as UInt64) as tickets_refunded,
    cast(measured.tickets_checked_in as UInt64) as tickets_checked_in,
    cast(measured.orders as UInt64) as orders,
    cast(measured.total_amount_eur as {{ money_type() }}) as total_amount_eur,
    cast(measured.refunded_amount_eur as {{ money_type() }}) as refunded_amount_eur,
    cast(measured.net_amount_eur as {{ money_type() }}) as net_amount_eur
from events
left join venues on venues.id = events.venue_id
inner join measured on measured.event_id = events.id
