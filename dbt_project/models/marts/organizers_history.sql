{{ config(order_by='(organizer_id, version)') }}

with

versions as (

    select * from {{ ref('history_users__organizers') }}

)

select
    id as organizer_id,
    version,
    assumeNotNull(organization) as organization,
    assumeNotNull(country) as country,
    cast(assumeNotNull(verified) as Bool) as is_verified,
    toLowCardinality(assumeNotNull(subscription_tier)) as subscription_tier,
    assumeNotNull(commission_rate) as commission_rate,
    assumeNotNull(payout_currency) as payout_currency,
    valid_from,
    valid_to,
    valid_from_position,
    cast(is_current as Bool) as is_current,
    cast(is_observed as Bool) as is_observed
from versions
