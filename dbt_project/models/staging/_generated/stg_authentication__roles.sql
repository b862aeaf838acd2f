-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `name`,
    `description`,
    `is_system`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'authentication__roles') }}
