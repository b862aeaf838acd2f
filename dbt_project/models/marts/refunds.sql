{{ config(order_by='(requested_at, refund_id)') }}

with

refunds as (

    select * from {{ ref('int_refunds_converted') }}

),

events as (

    select id as event_id, organizer_id
    from {{ ref('input_events__events') }}

)

select
    refunds.refund_id as refund_id,
    refunds.payment_id as payment_id,
    refunds.order_id as order_id,
    refunds.event_id as event_id,
    events.organizer_id as organizer_id,
    refunds.status as status,
    refunds.is_completed as is_completed,
    refunds.reason as reason,
    refunds.requested_at as requested_at,
    refunds.completed_at as completed_at,
    refunds.currency as currency,
    refunds.exchange_rate as exchange_rate,
    cast(refunds.amount as {{ money_type() }}) as amount,
    cast(refunds.amount_eur as {{ money_type(optional=true) }}) as amount_eur
from refunds
left join events on events.event_id = refunds.event_id
