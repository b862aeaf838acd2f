-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `event_id`,
    `name`,
    `email`,
    `title`,
    `organization`,
    `biography`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'events__speakers') }}
