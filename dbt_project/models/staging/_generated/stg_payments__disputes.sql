-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `payment_id`,
    `order_id`,
    `status`,
    `reason`,
    `amount`,
    `currency`,
    `evidence`,
    `opened_at`,
    `evidence_due_at`,
    `closed_at`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'payments__disputes') }}
