-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `order_id`,
    `ticket_type_id`,
    `pricing_tier_id`,
    `quantity`,
    `unit_price`,
    `discount`,
    `total`,
    `currency`,
    `attendee`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'tickets__order_items') }}
