-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `parent_id`,
    `name`,
    `slug`,
    `position`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'events__categories') }}
