-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `ticket_id`,
    `sender_id`,
    `recipient_id`,
    `recipient_email`,
    `status`,
    `message`,
    `requested_at`,
    `decided_at`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'tickets__ticket_transfers') }}
