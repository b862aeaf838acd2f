-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `user_id`,
    `algorithm`,
    `failed_attempts`,
    `locked_until`,
    `changed_at`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'authentication__credentials') }}
