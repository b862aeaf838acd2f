{{ read_once(ref('stg_tickets__ticket_types'), [
    'id',
    'event_id',
    'name',
    'status',
    'price',
    'currency',
    'capacity',
    'sales_start_at',
    'sales_end_at',
]) }}
