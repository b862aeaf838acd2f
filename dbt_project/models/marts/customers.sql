{{ config(order_by='customer_id') }}

with

users as (

    select * from {{ ref('input_users__users') }}

),

profiles as (

    select * from {{ ref('input_users__user_profiles') }}

),

purchases as (

    select
        customer_id,
        min(ordered_at) as first_ordered_at,
        max(ordered_at) as last_ordered_at,
        count() as orders,
        sum(tickets) as tickets,
        {{ money_sum('total_amount_eur') }} as total_amount_eur,
        {{ money_sum('refunded_amount_eur') }} as refunded_amount_eur,
        {{ money_sum('net_amount_eur') }} as net_amount_eur
    from {{ ref('int_orders_priced') }}
    where is_sale
      and customer_id is not null
    group by customer_id

)

select
    users.id as customer_id,
    users.role as role,
    users.status as status,
    cast(users.email_verified_at is not null as Bool) as is_verified,
    profiles.country as country,
    profiles.locale as locale,
    users.created_at as registered_at,
    cast(coalesce(purchases.orders, 0) > 0 as Bool) as is_buyer,
    purchases.first_ordered_at as first_ordered_at,
    purchases.last_ordered_at as last_ordered_at,
    cast(coalesce(purchases.orders, 0) as UInt64) as orders,
    cast(coalesce(purchases.tickets, 0) as UInt64) as tickets,
    cast(coalesce(purchases.total_amount_eur, 0) as {{ money_type() }}) as total_amount_eur,
    cast(coalesce(purchases.refunded_amount_eur, 0) as {{ money_type() }}) as refunded_amount_eur,
    cast(coalesce(purchases.net_amount_eur, 0) as {{ money_type() }}) as net_amount_eur
from users
left join profiles on profiles.user_id = users.id
left join purchases on purchases.customer_id = users.id
