-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `organizer_id`,
    `venue_id`,
    `title`,
    `slug`,
    `status`,
    `visibility`,
    `type`,
    `format`,
    `starts_at`,
    `ends_at`,
    `capacity`,
    `time_zone`,
    `currency`,
    `published_at`,
    `cancelled_at`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'events__events') }}
