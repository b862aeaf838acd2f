-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `user_id`,
    `session_id`,
    `action`,
    `resource_type`,
    `resource_id`,
    `ip_address`,
    `details`,
    `occurred_at`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'authentication__user_activities') }}
