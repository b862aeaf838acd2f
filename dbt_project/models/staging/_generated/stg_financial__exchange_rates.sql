-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `base_currency`,
    `quote_currency`,
    `rate`,
    `valid_on`,
    `source`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'financial__exchange_rates') }}
