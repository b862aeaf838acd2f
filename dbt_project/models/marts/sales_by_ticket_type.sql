{{ config(order_by='(ticket_type_id, currency)') }}

with

ticket_types as (

    select * from {{ ref('input_tickets__ticket_types') }}

),

lines as (

    select * from {{ ref('int_order_items_priced') }}
    where is_sale

),

summed as (

    select
        ticket_type_id,
        event_id,
        currency,
        uniqExact(order_id) as orders,
        sum(quantity) as tickets,
        {{ money_sum('gross_amount') }} as gross_amount,
        {{ money_sum('discount_amount') }} as discount_amount,
        {{ money_sum('sales_amount') }} as sales_amount,
        {{ money_sum('gross_amount_eur') }} as gross_amount_eur,
        {{ money_sum('discount_amount_eur') }} as discount_amount_eur,
        {{ money_sum('sales_amount_eur') }} as sales_amount_eur
    from lines
    group by
        ticket_type_id,
        event_id,
        currency

)

select
    summed.ticket_type_id as ticket_type_id,
    summed.event_id as event_id,
    ticket_types.name as ticket_type_name,
    summed.currency as currency,
    summed.orders as orders,
    cast(summed.tickets as UInt64) as tickets,
    summed.gross_amount as gross_amount,
    summed.discount_amount as discount_amount,
    summed.sales_amount as sales_amount,
    summed.gross_amount_eur as gross_amount_eur,
    summed.discount_amount_eur as discount_amount_eur,
    summed.sales_amount_eur as sales_amount_eur
from summed
left join ticket_types on ticket_types.id = summed.ticket_type_id
