-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `user_id`,
    `marketing_consent`,
    `analytics_consent`,
    `channels`,
    `favourite_categories`,
    `settings`,
    `consented_at`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'users__user_preferences') }}
