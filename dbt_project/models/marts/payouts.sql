{{ config(order_by='(organizer_id, period_start, currency)') }}

with

payouts as (

    select * from {{ ref('input_financial__payouts') }}

),

rates as (

    select * from {{ ref('int_rates_resolved') }}

)

select
    payouts.id as payout_id,
    payouts.organizer_id as organizer_id,
    payouts.period_start as period_start,
    payouts.period_end as period_end,
    payouts.status as status,
    cast(payouts.status = 'paid' as Bool) as is_paid,
    payouts.reference as reference,
    payouts.paid_at as paid_at,
    payouts.currency as currency,
    rates.rate as exchange_rate,
    cast(payouts.gross as {{ money_type() }}) as sales_amount,
    cast(payouts.refunds as {{ money_type() }}) as refunded_amount,
    cast(payouts.commission as {{ money_type() }}) as commission_amount,
    cast(payouts.amount as {{ money_type() }}) as payout_amount,
    {{ converted('payouts.amount', 'rates.rate') }} as payout_amount_eur
from payouts
asof left join rates
    on rates.currency = payouts.currency
    and rates.valid_from <= payouts.period_end
