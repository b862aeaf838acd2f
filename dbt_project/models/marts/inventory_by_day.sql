{{ config(order_by='(ticket_type_id, sold_on_local)') }}

with

lines as (

    select
        lines.ticket_type_id as ticket_type_id,
        lines.event_id as event_id,
        orders.ordered_on_local as sold_on_local,
        max(orders.ordered_at) as last_ordered_at,
        sum(lines.quantity) as tickets_bought
    from {{ ref('int_order_items_priced') }} as lines
    inner join {{ ref('int_orders_priced') }} as orders on orders.order_id = lines.order_id
    where orders.is_sale
    group by
        ticket_type_id,
        event_id,
        sold_on_local

),

offers as (

    -- Versions that lasted no time were never for sale.
    select
        id as ticket_type_id,
        capacity,
        valid_from
    from {{ ref('history_tickets__ticket_types') }}
    where valid_to is null
       or valid_to > valid_from

),

accumulated as (

    select
        *,
        sum(tickets_bought) over so_far as bought_so_far
    from lines
    window so_far as (
        partition by ticket_type_id order by sold_on_local, event_id rows between unbounded preceding and current row
    )

)

select
    accumulated.ticket_type_id as ticket_type_id,
    assumeNotNull(accumulated.event_id) as event_id,
    assumeNotNull(accumulated.sold_on_local) as sold_on_local,
    cast(accumulated.tickets_bought as Int64) as tickets_bought,
    cast(accumulated.bought_so_far as Int64) as tickets_bought_so_far,
    cast(offers.capacity as Nullable(Int64)) as tickets_offered,
    {{ ratio('accumulated.bought_so_far', 'offers.capacity') }} as sell_through
from accumulated
asof left join offers
    on offers.ticket_type_id = accumulated.ticket_type_id
    and offers.valid_from <= accumulated.last_ordered_at
