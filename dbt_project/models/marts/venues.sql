{{ config(order_by='venue_id') }}

with

venues as (

    select * from {{ ref('input_events__venues') }}

),

events as (

    select
        venue_id,
        count() as events,
        min(starts_at) as first_event_at,
        max(starts_at) as last_event_at
    from {{ ref('input_events__events') }}
    where venue_id is not null
    group by venue_id

)

select
    venues.id as venue_id,
    venues.name as name,
    venues.city as city,
    venues.country as country,
    venues.time_zone as time_zone,
    venues.capacity as capacity,
    cast(coalesce(events.events, 0) as UInt64) as events,
    events.first_event_at as first_event_at,
    events.last_event_at as last_event_at
from venues
left join events on events.venue_id = venues.id
