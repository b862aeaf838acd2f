-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `event_id`,
    `category_id`,
    `is_primary`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'events__event_categories') }}
