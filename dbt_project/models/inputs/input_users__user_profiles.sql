{{ config(order_by='user_id') }}

{{ read_at_cut(
    'users__user_profiles',
    [
        'id',
        'user_id',
        'country',
        'locale',
    ],
) }}
