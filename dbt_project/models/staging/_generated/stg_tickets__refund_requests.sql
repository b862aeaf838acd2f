-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `order_id`,
    `ticket_id`,
    `requester_id`,
    `status`,
    `reason`,
    `amount`,
    `currency`,
    `requested_at`,
    `decided_at`,
    `decided_by`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'tickets__refund_requests') }}
