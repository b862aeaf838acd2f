{{ read_once(ref('stg_events__venues'), [
    'id',
    'name',
    'city',
    'country',
]) }}
