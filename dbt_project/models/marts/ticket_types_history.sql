{{ config(order_by='(ticket_type_id, version)') }}

with

versions as (

    select * from {{ ref('history_tickets__ticket_types') }}

)

select
    id as ticket_type_id,
    version,
    assumeNotNull(event_id) as event_id,
    assumeNotNull(name) as name,
    toLowCardinality(assumeNotNull(status)) as status,
    cast(assumeNotNull(price) as {{ money_type() }}) as price_amount,
    assumeNotNull(currency) as currency,
    cast(assumeNotNull(capacity) as Int64) as tickets_offered,
    sales_start_at,
    sales_end_at,
    valid_from,
    valid_to,
    valid_from_position,
    cast(is_current as Bool) as is_current,
    cast(is_observed as Bool) as is_observed
from versions
