{{ config(order_by='(id, version)') }}

{{ read_history(
    'tickets__ticket_types',
    [
        'event_id',
        'name',
        'status',
        'price',
        'currency',
        'capacity',
        'sales_start_at',
        'sales_end_at',
    ],
) }}
