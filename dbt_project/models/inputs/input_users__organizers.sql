{{ read_once(ref('stg_users__organizers'), [
    'id',
    'owner_id',
    'organization',
    'slug',
    'country',
    'verified',
    'verified_at',
    'subscription_tier',
    'commission_rate',
    'payout_currency',
    'created_at',
]) }}
