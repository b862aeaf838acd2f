{{ read_at_cut(
    'events__page_views',
    [
        'id',
        'event_id',
        'user_id',
        'visitor_id',
        'channel',
        'device',
        'viewed_at',
    ],
    labels=['channel', 'device'],
) }}
