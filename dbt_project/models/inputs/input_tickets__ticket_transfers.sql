{{ read_at_cut(
    'tickets__ticket_transfers',
    [
        'id',
        'ticket_id',
        'status',
    ],
    labels=['status'],
) }}
