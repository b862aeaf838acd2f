-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `event_id`,
    `description`,
    `tags`,
    `age_restriction`,
    `refund_policy`,
    `accessibility`,
    `social_links`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'events__event_details') }}
