-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `ticket_id`,
    `event_id`,
    `method`,
    `gate`,
    `device`,
    `scanned_by`,
    `checked_in_at`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'tickets__check_ins') }}
