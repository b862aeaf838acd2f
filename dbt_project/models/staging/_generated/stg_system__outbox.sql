-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `aggregate_type`,
    `aggregate_id`,
    `event_type`,
    `payload`,
    `occurred_at`,
    `published_at`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'system__outbox') }}
