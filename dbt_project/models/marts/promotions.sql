{{ config(order_by='promotion_id') }}

with

codes as (

    select * from {{ ref('input_tickets__discount_codes') }}

)

select
    id as promotion_id,
    organizer_id,
    event_id,
    code,
    kind,
    cast(value as {{ money_type() }}) as value,
    currency,
    maximum_uses,
    uses,
    valid_from,
    valid_until,
    is_active
from codes
