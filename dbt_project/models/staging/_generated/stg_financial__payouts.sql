-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `organizer_id`,
    `period_start`,
    `period_end`,
    `status`,
    `currency`,
    `gross`,
    `refunds`,
    `commission`,
    `amount`,
    `reference`,
    `paid_at`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'financial__payouts') }}
