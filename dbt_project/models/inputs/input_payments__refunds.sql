{{ read_once(ref('stg_payments__refunds'), [
    'id',
    'payment_id',
    'order_id',
    'status',
    'amount',
    'currency',
    'reason',
    'completed_at',
    'created_at',
]) }}
