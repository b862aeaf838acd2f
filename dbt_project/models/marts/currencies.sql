{{ config(order_by='currency') }}

with

rates as (

    select * from {{ ref('int_rates_resolved') }}

)

select
    currency,
    min(valid_from) as first_quoted_on,
    max(valid_from) as last_quoted_on,
    cast(count() as UInt64) as quotations,
    argMax(rate, valid_from) as latest_rate,
    min(rate) as lowest_rate,
    max(rate) as highest_rate
from rates
group by currency
