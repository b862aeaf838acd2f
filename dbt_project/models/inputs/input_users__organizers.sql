{{ read_at_cut(
    'users__organizers',
    [
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
    ],
    labels=['subscription_tier'],
) }}
