-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `order_id`,
    `provider`,
    `provider_intent`,
    `method`,
    `status`,
    `amount`,
    `fee`,
    `refunded_amount`,
    `currency`,
    `details`,
    `failure_code`,
    `completed_at`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'payments__payments') }}
