{{ config(order_by='(base_currency, valid_on)') }}

{{ read_at_cut(
    'financial__exchange_rates',
    [
        'id',
        'base_currency',
        'quote_currency',
        'rate',
        'valid_on',
    ],
) }}
