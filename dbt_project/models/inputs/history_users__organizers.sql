{{ config(order_by='(id, version)') }}

{{ read_history(
    'users__organizers',
    [
        'organization',
        'country',
        'verified',
        'subscription_tier',
        'commission_rate',
        'payout_currency',
    ],
) }}
