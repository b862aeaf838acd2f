{{ config(order_by='(cohort_month, months_since)') }}

with

customers as (

    select
        customer_id,
        cohort_month
    from {{ ref('int_customers_measured') }}

),

bounds as (

    select max(toDate32(toStartOfMonth(ordered_on))) as last_month
    from {{ ref('int_orders_priced') }}
    where is_sale

),

cohorts as (

    -- Every month of every cohort, those in which nobody came back as well.
    select
        cohort_month,
        count() as customers,
        arrayJoin(range(toUInt16(dateDiff('month', cohort_month, any(bounds.last_month))) + 1)) as months_since
    from customers
    cross join bounds
    group by cohort_month

),

activity as (

    select
        customers.cohort_month as cohort_month,
        dateDiff('month', customers.cohort_month, orders.ordered_on) as months_since,
        uniqExact(orders.customer_id) as active_customers,
        count() as orders,
        {{ money_sum('orders.total_amount_eur') }} as total_amount_eur,
        {{ money_sum('orders.refunded_amount_eur') }} as refunded_amount_eur,
        {{ money_sum('orders.net_amount_eur') }} as net_amount_eur
    from {{ ref('int_orders_priced') }} as orders
    inner join customers on customers.customer_id = orders.customer_id
    where orders.is_sale
    group by
        cohort_month,
        months_since

)

select
    cohorts.cohort_month as cohort_month,
    cast(cohorts.months_since as UInt16) as months_since,
    toDate32(addMonths(cohorts.cohort_month, cohorts.months_since)) as month,
    cohorts.customers as customers,
    cast(coalesce(activity.active_customers, 0) as UInt64) as active_customers,
    {{ ratio('coalesce(activity.active_customers, 0)', 'cohorts.customers') }} as retention,
    cast(coalesce(activity.orders, 0) as UInt64) as orders,
    cast(coalesce(activity.total_amount_eur, 0) as {{ money_type() }}) as total_amount_eur,
    cast(coalesce(activity.refunded_amount_eur, 0) as {{ money_type() }}) as refunded_amount_eur,
    cast(coalesce(activity.net_amount_eur, 0) as {{ money_type() }}) as net_amount_eur,
    cast(
        sum(coalesce(activity.net_amount_eur, 0)) over (
            partition by cohorts.cohort_month
            order by cohorts.months_since
            rows between unbounded preceding and current row
        ) as {{ money_type() }}
    ) as net_amount_eur_so_far
from cohorts
left join activity
    on activity.cohort_month = cohorts.cohort_month
    and activity.months_since = cohorts.months_since
