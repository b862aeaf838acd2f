{{ config(order_by='(ticket_type_id, order_id)') }}

-- Every line of an order with its share of the order's amounts in euros.

with

items as (

    select * from {{ ref('input_tickets__order_items') }}

),

orders as (

    select
        order_id,
        event_id,
        organizer_id,
        is_sale,
        exchange_rate,
        sales_amount_eur,
        discount_amount_eur
    from {{ ref('int_orders_priced') }}

),

accumulated as (

    select
        *,
        sum(total) over so_far as sales_so_far,
        sum(discount) over so_far as discount_so_far,
        cast(row_number() over (partition by order_id order by id desc) = 1 as Bool) as is_last
    from items
    window so_far as (partition by order_id order by id rows between unbounded preceding and current row)

),

joined as (

    -- The last line takes what is left of the order, so that lines add up to orders to the cent.
    select
        accumulated.id as id,
        accumulated.order_id as order_id,
        accumulated.ticket_type_id as ticket_type_id,
        accumulated.quantity as quantity,
        accumulated.unit_price as unit_price,
        accumulated.discount as discount,
        accumulated.total as total,
        accumulated.currency as currency,
        orders.event_id as event_id,
        orders.organizer_id as organizer_id,
        orders.is_sale as is_sale,
        if(
            accumulated.is_last,
            orders.sales_amount_eur
            - {{ converted('accumulated.sales_so_far - accumulated.total', 'orders.exchange_rate') }},
            {{ converted_share('accumulated.sales_so_far', 'accumulated.total', 'orders.exchange_rate') }}
        ) as sales_amount_eur,
        if(
            accumulated.is_last,
            orders.discount_amount_eur
            - {{ converted('accumulated.discount_so_far - accumulated.discount', 'orders.exchange_rate') }},
            {{ converted_share('accumulated.discount_so_far', 'accumulated.discount', 'orders.exchange_rate') }}
        ) as discount_amount_eur
    from accumulated
    left join orders on orders.order_id = accumulated.order_id

)

select
    id as order_item_id,
    order_id,
    event_id,
    organizer_id,
    ticket_type_id,
    is_sale,
    quantity,
    unit_price,
    currency,
    quantity * unit_price as gross_amount,
    discount as discount_amount,
    total as sales_amount,
    sales_amount_eur + discount_amount_eur as gross_amount_eur,
    discount_amount_eur,
    sales_amount_eur
from joined
