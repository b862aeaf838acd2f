{{ read_at_cut(
    'financial__payouts',
    [
        'id',
        'organizer_id',
        'period_start',
        'period_end',
        'status',
        'currency',
        'gross',
        'refunds',
        'commission',
        'amount',
        'reference',
        'paid_at',
    ],
    labels=['status'],
) }}
