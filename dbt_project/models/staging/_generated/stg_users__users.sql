-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `email`,
    `first_name`,
    `last_name`,
    `phone`,
    `role`,
    `status`,
    `email_verified_at`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'users__users') }}
