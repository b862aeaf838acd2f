-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `event_id`,
    `kind`,
    `url`,
    `caption`,
    `position`,
    `size_bytes`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'events__media') }}
