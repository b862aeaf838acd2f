{{ config(order_by='(event_id, version)') }}

with

versions as (

    select * from {{ ref('history_events__events') }}

)

select
    id as event_id,
    version,
    assumeNotNull(organizer_id) as organizer_id,
    venue_id,
    assumeNotNull(title) as title,
    toLowCardinality(assumeNotNull(type)) as type,
    toLowCardinality(assumeNotNull(format)) as format,
    toLowCardinality(assumeNotNull(status)) as status,
    toLowCardinality(assumeNotNull(visibility)) as visibility,
    assumeNotNull(starts_at) as starts_at,
    assumeNotNull(ends_at) as ends_at,
    cast(assumeNotNull(capacity) as Int64) as capacity,
    assumeNotNull(time_zone) as time_zone,
    assumeNotNull(currency) as currency,
    valid_from,
    valid_to,
    valid_from_position,
    cast(is_current as Bool) as is_current,
    cast(is_observed as Bool) as is_observed
from versions
