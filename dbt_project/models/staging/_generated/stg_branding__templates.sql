-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `organizer_id`,
    `kind`,
    `name`,
    `locale`,
    `body`,
    `revision`,
    `is_active`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'branding__templates') }}
