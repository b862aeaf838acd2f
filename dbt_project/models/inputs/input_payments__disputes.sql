{{ read_at_cut(
    'payments__disputes',
    [
        'id',
        'payment_id',
        'order_id',
        'status',
        'reason',
        'amount',
        'currency',
        'opened_at',
        'closed_at',
    ],
    labels=['status'],
) }}
