{{ config(order_by='(id, version)') }}

{{ read_history(
    'events__events',
    [
        'organizer_id',
        'venue_id',
        'title',
        'type',
        'format',
        'status',
        'visibility',
        'starts_at',
        'ends_at',
        'capacity',
        'time_zone',
        'currency',
    ],
) }}
