-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `ticket_number`,
    `qr_code`,
    `event_id`,
    `ticket_type_id`,
    `order_id`,
    `order_item_id`,
    `status`,
    `holder_id`,
    `holder_name`,
    `holder_email`,
    `price`,
    `currency`,
    `issued_at`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'tickets__tickets') }}
