{{ read_at_cut(
    'payments__refunds',
    [
        'id',
        'payment_id',
        'order_id',
        'status',
        'amount',
        'currency',
        'reason',
        'completed_at',
        'created_at',
    ],
    labels=['status'],
) }}
