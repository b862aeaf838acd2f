-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `ticket_type_id`,
    `name`,
    `kind`,
    `price`,
    `currency`,
    `valid_from`,
    `valid_until`,
    `quantity_limit`,
    `minimum_quantity`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'tickets__pricing_tiers') }}
