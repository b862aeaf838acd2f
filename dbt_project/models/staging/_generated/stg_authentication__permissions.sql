-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `name`,
    `description`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'authentication__permissions') }}
