{{ config(order_by='user_id') }}

{{ read_once(ref('stg_users__user_profiles'), [
    'user_id',
    'country',
    'locale',
]) }}
