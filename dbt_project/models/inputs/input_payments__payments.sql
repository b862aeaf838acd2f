{{ read_at_cut(
    'payments__payments',
    [
        'id',
        'order_id',
        'provider',
        'method',
        'status',
        'amount',
        'fee',
        'refunded_amount',
        'currency',
        'failure_code',
        'completed_at',
        'created_at',
    ],
    labels=['method', 'status'],
) }}
