{{ config(order_by='(currency, valid_from)') }}

-- Euros for one unit of each currency, from a day on.

with

quoted as (

    select
        base_currency as currency,
        valid_on as valid_from,
        rate
    from {{ ref('input_financial__exchange_rates') }}
    where quote_currency = 'EUR'
      and base_currency != 'EUR'

),

itself as (

    select
        'EUR' as currency,
        toDate32('1900-01-01') as valid_from,
        cast(1 as Decimal(18, 8)) as rate

)

select currency, valid_from, rate from quoted
union all
select currency, valid_from, rate from itself
