-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `user_id`,
    `channel`,
    `ip_address`,
    `user_agent`,
    `started_at`,
    `last_active_at`,
    `expires_at`,
    `revoked_at`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'authentication__sessions') }}
