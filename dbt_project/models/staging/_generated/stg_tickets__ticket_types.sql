-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `event_id`,
    `name`,
    `description`,
    `status`,
    `price`,
    `currency`,
    `capacity`,
    `sold`,
    `minimum_per_order`,
    `maximum_per_order`,
    `sales_start_at`,
    `sales_end_at`,
    `position`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'tickets__ticket_types') }}
