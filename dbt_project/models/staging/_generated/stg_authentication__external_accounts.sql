-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `user_id`,
    `provider`,
    `subject`,
    `email`,
    `linked_at`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'authentication__external_accounts') }}
