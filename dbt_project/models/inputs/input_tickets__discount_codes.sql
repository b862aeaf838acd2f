{{ read_at_cut(
    'tickets__discount_codes',
    [
        'id',
        'organizer_id',
        'event_id',
        'code',
        'kind',
        'value',
        'currency',
        'maximum_uses',
        'uses',
        'valid_from',
        'valid_until',
        'is_active',
    ],
    labels=['kind'],
) }}
