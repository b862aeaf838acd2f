-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `ticket_type_id`,
    `transferable`,
    `refundable`,
    `refund_deadline_hours`,
    `delivery_methods`,
    `requires_identification`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'tickets__ticket_configurations') }}
