-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `country`,
    `name`,
    `rate`,
    `valid_from`,
    `valid_until`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'financial__tax_rates') }}
