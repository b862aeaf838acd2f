{{ config(order_by='(organizer_id, period_start, currency)') }}

with

sold as (

    select
        organizer_id,
        event_id,
        currency,
        toDate32(toStartOfMonth(confirmed_at)) as period_start,
        count() as orders,
        sum(paid_amount) as received_amount,
        sum(tax_amount) as tax_amount,
        sum(fee_amount) as fee_amount,
        sum(sales_amount) as sales_amount,
        cast(0 as Decimal(38, 2)) as refunded_amount
    from {{ ref('int_orders_priced') }}
    where is_sale
      and organizer_id is not null
      and confirmed_at is not null
    group by
        organizer_id,
        event_id,
        currency,
        period_start

),

given_back as (

    select
        organizer_id,
        event_id,
        currency,
        toDate32(toStartOfMonth(completed_at)) as period_start,
        0 as orders,
        cast(0 as Decimal(38, 2)) as received_amount,
        cast(0 as Decimal(38, 2)) as tax_amount,
        cast(0 as Decimal(38, 2)) as fee_amount,
        cast(0 as Decimal(38, 2)) as sales_amount,
        sum(borne_amount) as refunded_amount
    from {{ ref('int_refunds_shared') }}
    where organizer_id is not null
    group by
        organizer_id,
        event_id,
        currency,
        period_start

),

movements as (

    select * from sold
    union all
    select * from given_back

),

organizers as (

    select id as organizer_id, commission_rate
    from {{ ref('input_users__organizers') }}

),

of_events as (

    -- Commission is rounded for each event, as payouts' lines are.
    select
        assumeNotNull(movements.organizer_id) as organizer_id,
        movements.event_id as event_id,
        movements.currency as currency,
        assumeNotNull(movements.period_start) as period_start,
        sum(movements.orders) as orders,
        sum(movements.received_amount) as received_amount,
        sum(movements.tax_amount) as tax_amount,
        sum(movements.fee_amount) as fee_amount,
        sum(movements.sales_amount) as sales_amount,
        sum(movements.refunded_amount) as refunded_amount,
        {{ commission('sum(movements.sales_amount)', 'coalesce(any(organizers.commission_rate), 0)') }}
            as commission_amount
    from movements
    left join organizers on organizers.organizer_id = movements.organizer_id
    group by
        organizer_id,
        event_id,
        currency,
        period_start

),

due as (

    select
        organizer_id,
        currency,
        period_start,
        sum(orders) as orders,
        sum(received_amount) as received_amount,
        sum(tax_amount) as tax_amount,
        sum(fee_amount) as fee_amount,
        sum(sales_amount) as sales_amount,
        sum(refunded_amount) as refunded_amount,
        sum(commission_amount) as commission_amount
    from of_events
    group by
        organizer_id,
        currency,
        period_start

),

payouts as (

    select
        organizer_id,
        currency,
        period_start,
        count() as payouts,
        sum(amount) as booked_amount,
        sum(if(status = 'paid', amount, 0)) as paid_out_amount
    from {{ ref('input_financial__payouts') }}
    group by
        organizer_id,
        currency,
        period_start

)

select
    due.organizer_id as organizer_id,
    due.period_start as period_start,
    due.currency as currency,
    cast(due.orders as UInt64) as orders,
    cast(due.received_amount as {{ money_type() }}) as received_amount,
    cast(due.tax_amount as {{ money_type() }}) as tax_amount,
    cast(due.fee_amount as {{ money_type() }}) as fee_amount,
    cast(due.sales_amount as {{ money_type() }}) as sales_amount,
    cast(due.received_amount - due.tax_amount - due.fee_amount - due.sales_amount as {{ money_type() }})
        as unexplained_amount,
    cast(due.refunded_amount as {{ money_type() }}) as refunded_amount,
    cast(due.commission_amount as {{ money_type() }}) as commission_amount,
    cast(due.sales_amount - due.refunded_amount - due.commission_amount as {{ money_type() }}) as due_amount,
    cast(coalesce(payouts.booked_amount, 0) as {{ money_type() }}) as booked_amount,
    cast(coalesce(payouts.paid_out_amount, 0) as {{ money_type() }}) as paid_out_amount,
    cast(
        due.sales_amount - due.refunded_amount - due.commission_amount - coalesce(payouts.paid_out_amount, 0)
        as {{ money_type() }}
    ) as open_amount,
    toLowCardinality(multiIf(
        coalesce(payouts.payouts, 0) = 0, 'not_booked',
        payouts.booked_amount != due.sales_amount - due.refunded_amount - due.commission_amount, 'differs',
        payouts.paid_out_amount != payouts.booked_amount, 'booked',
        'settled'
    )) as state
from due
left join payouts
    on payouts.organizer_id = due.organizer_id
    and payouts.currency = due.currency
    and payouts.period_start = due.period_start
