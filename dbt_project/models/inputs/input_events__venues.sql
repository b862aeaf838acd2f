{{ read_at_cut(
    'events__venues',
    [
        'id',
        'name',
        'city',
        'country',
        'capacity',
        'time_zone',
    ],
) }}
