{{ config(order_by='(event_id, order_item_id)') }}

with

lines as (

    select * from {{ ref('int_order_items_priced') }}

),

orders as (

    select
        order_id,
        customer_id,
        discount_code_id,
        channel,
        ordered_at,
        ordered_on,
        ordered_on_local
    from {{ ref('int_orders_priced') }}

),

prices as (

    -- Versions that lasted no time were never for sale.
    select
        id as ticket_type_id,
        price,
        valid_from
    from {{ ref('history_tickets__ticket_types') }}
    where valid_to is null
       or valid_to > valid_from

),

joined as (

    select
        lines.*,
        orders.customer_id as customer_id,
        orders.discount_code_id as promotion_id,
        orders.channel as channel,
        orders.ordered_at as ordered_at,
        orders.ordered_on as ordered_on,
        orders.ordered_on_local as ordered_on_local
    from lines
    inner join orders on orders.order_id = lines.order_id

)

select
    joined.order_item_id as order_item_id,
    joined.order_id as order_id,
    assumeNotNull(joined.event_id) as event_id,
    joined.organizer_id as organizer_id,
    joined.customer_id as customer_id,
    joined.ticket_type_id as ticket_type_id,
    joined.promotion_id as promotion_id,
    assumeNotNull(joined.is_sale) as is_sale,
    joined.channel as channel,
    joined.ordered_at as ordered_at,
    joined.ordered_on as ordered_on,
    joined.ordered_on_local as ordered_on_local,
    cast(joined.quantity as Int64) as tickets,
    joined.currency as currency,
    cast(joined.unit_price as {{ money_type() }}) as unit_price_amount,
    cast(prices.price as {{ money_type(optional=true) }}) as list_price_amount,
    cast(joined.gross_amount as {{ money_type() }}) as gross_amount,
    cast(joined.discount_amount as {{ money_type() }}) as discount_amount,
    cast(joined.sales_amount as {{ money_type() }}) as sales_amount,
    cast(joined.gross_amount_eur as {{ money_type(optional=true) }}) as gross_amount_eur,
    cast(joined.discount_amount_eur as {{ money_type(optional=true) }}) as discount_amount_eur,
    cast(joined.sales_amount_eur as {{ money_type(optional=true) }}) as sales_amount_eur
from joined
asof left join prices
    on prices.ticket_type_id = joined.ticket_type_id
    and prices.valid_from <= joined.ordered_at
