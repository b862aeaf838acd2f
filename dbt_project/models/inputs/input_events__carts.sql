{{ read_at_cut(
    'events__carts',
    [
        'id',
        'event_id',
        'user_id',
        'visitor_id',
        'status',
        'currency',
        'total',
        'converted_order_id',
        'created_at',
    ],
    labels=['status'],
) }}
