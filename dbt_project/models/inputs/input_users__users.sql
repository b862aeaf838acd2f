{{ read_once(ref('stg_users__users'), [
    'id',
    'role',
    'status',
    'email_verified_at',
    'created_at',
]) }}
