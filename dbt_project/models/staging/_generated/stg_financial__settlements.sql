-- Generated from contracts by `make generate`; change the contract, not this file.
select
    `id`,
    `settled_on`,
    `reference`,
    `kind`,
    `provider`,
    `provider_intent`,
    `gross`,
    `fee`,
    `net`,
    `currency`,
    `occurred_at`
from {{ source('ods', 'financial__settlements') }}
