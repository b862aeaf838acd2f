{{ config(order_by='refund_id') }}

-- Each completed refund with the part of it that the organizer bears: the tickets', not tax and fee.

with

refunds as (

    select
        refund_id,
        order_id,
        completed_at,
        amount,
        sum(amount) over (
            partition by order_id order by refund_id rows between unbounded preceding and current row
        ) as amount_so_far
    from {{ ref('int_refunds_converted') }}
    where is_completed
      and completed_at is not null

),

orders as (

    select
        order_id,
        event_id,
        organizer_id,
        currency,
        sales_amount,
        total_amount
    from {{ ref('int_orders_priced') }}
    where order_id in (select order_id from {{ ref('int_refunds_converted') }} where is_completed)

)

-- Parts of one order add up to the whole: what is borne is the running share less the share before.
select
    refunds.refund_id as refund_id,
    refunds.order_id as order_id,
    orders.event_id as event_id,
    orders.organizer_id as organizer_id,
    orders.currency as currency,
    refunds.completed_at as completed_at,
    refunds.amount as amount,
    cast(
        {{ organizers_share('refunds.amount_so_far', 'orders.sales_amount', 'orders.total_amount') }}
        - {{ organizers_share('refunds.amount_so_far - refunds.amount', 'orders.sales_amount', 'orders.total_amount') }}
        as {{ money_type() }}
    ) as borne_amount
from refunds
inner join orders on orders.order_id = refunds.order_id
