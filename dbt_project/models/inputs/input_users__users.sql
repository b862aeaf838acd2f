{{ read_at_cut(
    'users__users',
    [
        'id',
        'role',
        'status',
        'email_verified_at',
        'created_at',
    ],
    labels=['role', 'status'],
) }}
