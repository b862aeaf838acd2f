{{ config(order_by='(event_id, funnel_on_local)') }}

with

views as (

    select
        event_id,
        viewed_on_local as funnel_on_local,
        sum(page_views) as page_views,
        uniqExactArray(visitor_ids) as visitors,
        0 as carts,
        0 as carts_converted,
        0 as carts_paid,
        0 as orders,
        0 as orders_paid,
        0 as tickets_paid,
        cast(0 as {{ money_type() }}) as total_amount_eur
    from {{ ref('int_page_views_counted') }}
    group by
        event_id,
        funnel_on_local

),

carts as (

    select
        event_id,
        opened_on_local as funnel_on_local,
        0 as page_views,
        0 as visitors,
        count() as carts,
        countIf(is_converted) as carts_converted,
        countIf(is_paid) as carts_paid,
        0 as orders,
        0 as orders_paid,
        0 as tickets_paid,
        cast(0 as {{ money_type() }}) as total_amount_eur
    from {{ ref('int_carts_followed') }}
    group by
        event_id,
        funnel_on_local

),

orders as (

    -- Page views are kept for a time only; earlier days have no funnel.
    select
        event_id,
        ordered_on_local as funnel_on_local,
        0 as page_views,
        0 as visitors,
        0 as carts,
        0 as carts_converted,
        0 as carts_paid,
        count() as orders,
        countIf(is_sale) as orders_paid,
        sum(if(is_sale, tickets, 0)) as tickets_paid,
        {{ money_sum('if(is_sale, total_amount_eur, 0)') }} as total_amount_eur
    from {{ ref('int_orders_priced') }}
    where ordered_on_local >= (select min(viewed_on_local) from {{ ref('int_page_views_counted') }})
    group by
        event_id,
        funnel_on_local

),

stages as (

    select * from views
    union all
    select * from carts
    union all
    select * from orders

),

events as (

    select id as event_id, organizer_id
    from {{ ref('input_events__events') }}

)

select
    stages.event_id as event_id,
    any(events.organizer_id) as organizer_id,
    assumeNotNull(stages.funnel_on_local) as funnel_on_local,
    cast(sum(stages.page_views) as UInt64) as page_views,
    cast(sum(stages.visitors) as UInt64) as visitors,
    cast(sum(stages.carts) as UInt64) as carts,
    cast(sum(stages.carts_converted) as UInt64) as carts_converted,
    cast(sum(stages.carts_paid) as UInt64) as carts_paid,
    cast(sum(stages.orders) as UInt64) as orders,
    cast(sum(stages.orders_paid) as UInt64) as orders_paid,
    cast(coalesce(sum(stages.tickets_paid), 0) as UInt64) as tickets_paid,
    {{ money_sum('stages.total_amount_eur') }} as total_amount_eur
from stages
left join events on events.event_id = stages.event_id
group by
    event_id,
    funnel_on_local
