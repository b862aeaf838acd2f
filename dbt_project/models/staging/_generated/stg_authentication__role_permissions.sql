-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `role_id`,
    `permission_id`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'authentication__role_permissions') }}
