-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `subscription_tier`,
    `currency`,
    `percentage`,
    `fixed`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'financial__fee_schedules') }}
