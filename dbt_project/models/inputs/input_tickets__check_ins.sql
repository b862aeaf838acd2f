{{ read_at_cut(
    'tickets__check_ins',
    [
        'id',
        'ticket_id',
        'checked_in_at',
    ],
) }}
