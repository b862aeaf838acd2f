-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `user_id`,
    `country`,
    `city`,
    `birth_date`,
    `locale`,
    `time_zone`,
    `biography`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'users__user_profiles') }}
