-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `organizer_id`,
    `domain`,
    `status`,
    `verified_at`,
    `certificate_expires_at`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'branding__custom_domains') }}
