-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `organizer_id`,
    `event_id`,
    `code`,
    `kind`,
    `value`,
    `currency`,
    `maximum_uses`,
    `uses`,
    `valid_from`,
    `valid_until`,
    `applicable_ticket_types`,
    `is_active`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'tickets__discount_codes') }}
