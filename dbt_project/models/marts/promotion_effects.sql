{{ config(order_by='promotion_id') }}

with

codes as (

    select * from {{ ref('input_tickets__discount_codes') }}

),

sales as (

    select * from {{ ref('int_orders_priced') }}
    where is_sale

),

firsts as (

    select first_order_id from {{ ref('int_customers_measured') }}

),

used as (

    select
        sales.discount_code_id as promotion_id,
        count() as orders,
        sum(sales.tickets) as tickets,
        uniqExact(sales.customer_id) as customers,
        countIf(firsts.first_order_id is not null) as first_orders,
        min(sales.ordered_at) as first_used_at,
        max(sales.ordered_at) as last_used_at,
        {{ money_sum('sales.gross_amount_eur') }} as gross_amount_eur,
        {{ money_sum('sales.discount_amount_eur') }} as discount_amount_eur,
        {{ money_sum('sales.sales_amount_eur') }} as sales_amount_eur,
        {{ money_sum('sales.net_amount_eur') }} as net_amount_eur
    from sales
    left join firsts on firsts.first_order_id = sales.order_id
    where sales.discount_code_id is not null
    group by promotion_id

),

places as (

    -- Where each code was used.
    select distinct
        assumeNotNull(discount_code_id) as promotion_id,
        event_id
    from sales
    where discount_code_id is not null

),

without as (

    select
        event_id,
        count() as orders,
        sum(tickets) as tickets,
        {{ money_sum('sales_amount_eur') }} as sales_amount_eur
    from sales
    where discount_code_id is null
    group by event_id

),

baseline as (

    select
        places.promotion_id as promotion_id,
        sum(without.orders) as orders,
        sum(without.tickets) as tickets,
        {{ money_sum('without.sales_amount_eur') }} as sales_amount_eur
    from places
    inner join without on without.event_id = places.event_id
    group by promotion_id

)

select
    codes.id as promotion_id,
    codes.organizer_id as organizer_id,
    codes.event_id as event_id,
    codes.code as code,
    codes.kind as kind,
    used.first_used_at as first_used_at,
    used.last_used_at as last_used_at,
    cast(coalesce(used.orders, 0) as UInt64) as orders,
    cast(coalesce(used.tickets, 0) as UInt64) as tickets,
    cast(coalesce(used.customers, 0) as UInt64) as customers,
    cast(coalesce(used.first_orders, 0) as UInt64) as first_orders,
    cast(coalesce(used.gross_amount_eur, 0) as {{ money_type() }}) as gross_amount_eur,
    cast(coalesce(used.discount_amount_eur, 0) as {{ money_type() }}) as discount_amount_eur,
    cast(coalesce(used.sales_amount_eur, 0) as {{ money_type() }}) as sales_amount_eur,
    cast(coalesce(used.net_amount_eur, 0) as {{ money_type() }}) as net_amount_eur,
    cast(coalesce(baseline.orders, 0) as UInt64) as orders_without,
    cast(coalesce(baseline.tickets, 0) as UInt64) as tickets_without,
    cast(coalesce(baseline.sales_amount_eur, 0) as {{ money_type() }}) as sales_amount_eur_without,
    {{ ratio('coalesce(used.tickets, 0)', 'coalesce(used.orders, 0)') }} as tickets_per_order,
    {{ ratio('coalesce(baseline.tickets, 0)', 'coalesce(baseline.orders, 0)') }} as tickets_per_order_without
from codes
left join used on used.promotion_id = codes.id
left join baseline on baseline.promotion_id = codes.id
