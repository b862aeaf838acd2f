-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `payout_id`,
    `event_id`,
    `kind`,
    `orders`,
    `amount`,
    `currency`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'financial__payout_lines') }}
