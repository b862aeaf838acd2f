{{ read_at_cut(
    'tickets__order_items',
    [
        'id',
        'order_id',
        'ticket_type_id',
        'pricing_tier_id',
        'quantity',
        'unit_price',
        'discount',
        'total',
        'currency',
    ],
) }}
