-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `user_id`,
    `order_id`,
    `channel`,
    `template`,
    `recipient`,
    `status`,
    `payload`,
    `sent_at`,
    `read_at`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'system__notifications') }}
