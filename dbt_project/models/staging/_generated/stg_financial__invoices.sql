-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `order_id`,
    `invoice_number`,
    `status`,
    `recipient_name`,
    `recipient_address`,
    `tax_id`,
    `currency`,
    `net`,
    `tax`,
    `total`,
    `issued_at`,
    `due_on`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'financial__invoices') }}
