{{ read_once(ref('stg_tickets__ticket_transfers'), [
    'id',
    'ticket_id',
    'status',
]) }}
