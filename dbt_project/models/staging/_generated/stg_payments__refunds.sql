-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `payment_id`,
    `order_id`,
    `refund_request_id`,
    `status`,
    `amount`,
    `currency`,
    `reason`,
    `provider_reference`,
    `completed_at`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'payments__refunds') }}
