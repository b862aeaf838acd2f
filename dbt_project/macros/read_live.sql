{#- The first day (UTC) that live marts show: yesterday, so that nobody sees an empty board at midnight. -#}
{% macro live_from() -%}
    (toDate32(now('UTC')) - 1)
{%- endmacro %}

{#-
    The rows of a source that were changed since the day before live marts begin, as they are now.

    Rows are found by the commit time of their changes, so what is read does not grow with history. Every version of
    a row that was made in that time is there, and the last one counts: updates, deletions, repeated and late
    deliveries, and truncations do what they do in `ods`.

    Args:
        dataset: the source, such as `tickets__orders`.
        columns: those needed; an update must never leave them out.
        key: the primary key.
-#}
{% macro read_live(dataset, columns, key="id") -%}
-- depends_on: {{ ref("stg_" ~ dataset) }}
select
    {{ key }},
    {%- for column in columns %}
    tupleElement(latest, {{ loop.index + 2 }}) as {{ column }},
    {%- endfor %}
    tupleElement(latest, 2) as committed_at
from (
    select
        {{ key }},
        argMax(
            tuple(_op, _committed_at{% for column in columns %}, {{ column }}{% endfor %}), _version
        ) as latest,
        max(_version) as latest_version
    from raw.{{ dataset }}
    prewhere _committed_at >= {{ live_from() }} - 1
    where _op != 't'
    group by {{ key }}
)
where tupleElement(latest, 1) != 'd'
  and latest_version > (select max(version) from ops.truncations where dataset = '{{ dataset }}')
{%- endmacro %}
