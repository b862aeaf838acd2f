-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `event_id`,
    `user_id`,
    `visitor_id`,
    `status`,
    `currency`,
    `total`,
    `expires_at`,
    `converted_order_id`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'events__carts') }}
