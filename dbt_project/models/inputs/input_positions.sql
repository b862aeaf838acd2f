{{ config(order_by='dataset') }}

-- How far each source had come at the instant of the build: the last change that counts.
{% for dataset in sources_of_marts() %}
-- depends_on: {{ ref("stg_" ~ dataset) }}
select
    '{{ dataset }}' as dataset,
    {{ cut() }} as complete_as_of,
    max(_position) as position,
    max(_committed_at) as last_committed_at,
    max(updated_at) as last_changed_at,
    count() as changes
from raw.{{ dataset }}
where _committed_at <= {{ cut() }}
{% if not loop.last %}union all
{% endif %}
{%- endfor %}
