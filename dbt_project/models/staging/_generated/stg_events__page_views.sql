-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `event_id`,
    `user_id`,
    `visitor_id`,
    `channel`,
    `device`,
    `country`,
    `referrer`,
    `campaign`,
    `viewed_at`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'events__page_views') }}
