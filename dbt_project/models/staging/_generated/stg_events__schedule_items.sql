-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `event_id`,
    `speaker_id`,
    `title`,
    `room`,
    `starts_at`,
    `ends_at`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'events__schedule_items') }}
