{{ config(order_by='(event_id, days_before)') }}

with

events as (

    select
        events.id as event_id,
        events.organizer_id as organizer_id,
        events.type as type,
        events.status as status,
        {{ local_day('events.starts_at', 'events.time_zone') }} as starts_on_local,
        {{ local_day('coalesce(events.published_at, events.created_at)', 'events.time_zone') }} as published_on_local,
        {{ local_day(cut(), 'events.time_zone') }} as today_local,
        measured.tickets_offered as tickets_offered
    from {{ ref('input_events__events') }} as events
    inner join {{ ref('int_events_measured') }} as measured on measured.event_id = events.id
    where measured.tickets_offered > 0

),

checkpoints as (

    -- Those that have come, from the event's publication on.
    select
        event_id,
        organizer_id,
        type,
        multiIf(tickets_offered < 200, 'small', tickets_offered < 1000, 'medium', 'large') as size,
        tickets_offered,
        starts_on_local,
        arrayJoin({{ pace_checkpoints() }}) as days_before,
        addDays(starts_on_local, -days_before) as reached_on_local
    from events
    where reached_on_local <= today_local
      and reached_on_local >= published_on_local

),

bought as (

    select
        event_id,
        ordered_on_local,
        sum(tickets) as tickets
    from {{ ref('int_orders_priced') }}
    where is_sale
    group by
        event_id,
        ordered_on_local

),

counted as (

    select
        checkpoints.event_id as event_id,
        checkpoints.days_before as days_before,
        any(checkpoints.organizer_id) as organizer_id,
        any(checkpoints.type) as type,
        any(checkpoints.size) as size,
        any(checkpoints.tickets_offered) as tickets_offered,
        any(checkpoints.reached_on_local) as reached_on_local,
        sum(if(bought.ordered_on_local <= checkpoints.reached_on_local, bought.tickets, 0)) as tickets_bought
    from checkpoints
    left join bought on bought.event_id = checkpoints.event_id
    group by
        event_id,
        days_before

),

compared as (

    select
        *,
        count() over alike as events_alike,
        sum(tickets_offered) over alike as offered_alike,
        sum(tickets_bought) over alike as bought_alike
    from counted
    window alike as (partition by type, size, days_before)

)

select
    event_id,
    organizer_id,
    toLowCardinality(type) as type,
    toLowCardinality(size) as size,
    cast(days_before as UInt16) as days_before,
    reached_on_local,
    cast(tickets_offered as Int64) as tickets_offered,
    cast(coalesce(tickets_bought, 0) as Int64) as tickets_bought,
    {{ ratio('coalesce(tickets_bought, 0)', 'tickets_offered') }} as sell_through,
    cast(events_alike - 1 as UInt64) as similar_events,
    cast(offered_alike - tickets_offered as Int64) as similar_tickets_offered,
    cast(coalesce(bought_alike, 0) - coalesce(tickets_bought, 0) as Int64) as similar_tickets_bought,
    {{ ratio('coalesce(bought_alike, 0) - coalesce(tickets_bought, 0)', 'offered_alike - tickets_offered') }}
        as similar_sell_through
from compared
