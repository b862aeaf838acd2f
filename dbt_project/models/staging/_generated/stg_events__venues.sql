-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `name`,
    `address_line`,
    `postal_code`,
    `city`,
    `country`,
    `latitude`,
    `longitude`,
    `capacity`,
    `time_zone`,
    `created_at`,
    `updated_at`
from {{ source('ods', 'events__venues') }}
