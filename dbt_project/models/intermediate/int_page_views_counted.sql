{{ config(order_by='(event_id, viewed_on_local)') }}

-- Page views of each event by the days of its time zone; visitors are counted once a day, whatever they use.

with

views as (

    select * from {{ ref('input_events__page_views') }}

),

events as (

    select
        id as event_id,
        organizer_id,
        time_zone
    from {{ ref('input_events__events') }}

)

select
    views.event_id as event_id,
    {{ local_day('views.viewed_at', 'events.time_zone') }} as viewed_on_local,
    views.channel as channel,
    views.device as device,
    any(events.organizer_id) as organizer_id,
    count() as page_views,
    countIf(views.user_id is not null) as signed_in_views,
    uniqExact(views.visitor_id) as visitors,
    groupUniqArray(views.visitor_id) as visitor_ids
from views
left join events on events.event_id = views.event_id
group by
    event_id,
    viewed_on_local,
    channel,
    device
