{{ read_at_cut(
    'tickets__tickets',
    [
        'id',
        'ticket_number',
        'event_id',
        'ticket_type_id',
        'order_id',
        'order_item_id',
        'status',
        'holder_id',
        'price',
        'currency',
        'issued_at',
    ],
    labels=['status'],
) }}
