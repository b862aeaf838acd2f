{{ read_at_cut(
    'tickets__ticket_types',
    [
        'id',
        'event_id',
        'name',
        'status',
        'price',
        'currency',
        'capacity',
        'sales_start_at',
        'sales_end_at',
    ],
    labels=['status'],
) }}
