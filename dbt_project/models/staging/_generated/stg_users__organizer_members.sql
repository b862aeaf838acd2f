-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `organizer_id`,
    `user_id`,
    `role`,
    `status`,
    `invited_at`,
    `joined_at`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'users__organizer_members') }}
