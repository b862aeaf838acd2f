-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `organizer_id`,
    `logo_id`,
    `primary_color`,
    `secondary_color`,
    `fonts`,
    `theme`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'branding__brand_configurations') }}
