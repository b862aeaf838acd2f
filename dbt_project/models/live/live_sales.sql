with

orders as (

    {{ read_live(
        'tickets__orders',
        ['event_id', 'channel', 'currency', 'status', 'subtotal', 'discount', 'tax', 'fee', 'total', 'placed_at'],
    ) | indent(4) }}

),

items as (

    {{ read_live('tickets__order_items', ['order_id', 'quantity']) | indent(4) }}

),

tickets as (

    select
        order_id,
        sum(quantity) as tickets
    from items
    group by order_id

),

sales as (

    select
        orders.*,
        toDate32(orders.placed_at) as sales_on,
        coalesce(tickets.tickets, 0) as tickets
    from orders
    left join tickets on tickets.order_id = orders.id
    where orders.status in ('confirmed', 'partially_refunded', 'refunded')
      and sales_on >= {{ live_from() }}

)

select
    assumeNotNull(sales_on) as sales_on,
    assumeNotNull(event_id) as event_id,
    cast(channel as String) as channel,
    assumeNotNull(currency) as currency,
    count() as orders,
    cast(sum(tickets) as UInt64) as tickets,
    {{ money_sum('subtotal') }} as gross_amount,
    {{ money_sum('discount') }} as discount_amount,
    {{ money_sum('subtotal - discount') }} as sales_amount,
    {{ money_sum('tax') }} as tax_amount,
    {{ money_sum('fee') }} as fee_amount,
    {{ money_sum('total') }} as total_amount,
    max(committed_at) as last_committed_at
from sales
group by
    sales_on,
    event_id,
    channel,
    currency
