{{ config(order_by='(event_id, viewed_on_local, channel, device)') }}

select
    event_id,
    organizer_id,
    viewed_on_local,
    channel,
    device,
    cast(page_views as UInt64) as page_views,
    cast(signed_in_views as UInt64) as signed_in_views,
    cast(visitors as UInt64) as visitors
from {{ ref('int_page_views_counted') }}
