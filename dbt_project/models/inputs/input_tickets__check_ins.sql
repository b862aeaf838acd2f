{{ read_at_cut(
    'tickets__check_ins',
    [
        'id',
        'ticket_id',
        'event_id',
        'method',
        'gate',
        'checked_in_at',
    ],
    labels=['method'],
) }}
