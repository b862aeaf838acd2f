-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `user_id`,
    `role_id`,
    `granted_by`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'authentication__user_roles') }}
