{{ read_once(ref('stg_tickets__check_ins'), [
    'id',
    'ticket_id',
    'checked_in_at',
]) }}
