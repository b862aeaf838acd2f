-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `owner_id`,
    `organization`,
    `slug`,
    `contact_email`,
    `tax_id`,
    `country`,
    `verified`,
    `verified_at`,
    `subscription_tier`,
    `commission_rate`,
    `payout_account`,
    `payout_currency`,
    `website`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'users__organizers') }}
