-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `cart_id`,
    `ticket_type_id`,
    `quantity`,
    `unit_price`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'events__cart_items') }}
