-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `organizer_id`,
    `kind`,
    `url`,
    `size_bytes`,
    `checksum`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'branding__assets') }}
