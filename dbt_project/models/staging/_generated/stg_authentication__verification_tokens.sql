-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `user_id`,
    `purpose`,
    `expires_at`,
    `used_at`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'authentication__verification_tokens') }}
