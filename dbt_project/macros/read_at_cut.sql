{#- The instant up to which changes count in this build; the same for every source. -#}
{% macro cut() -%}
    toDateTime64('{{ (run_started_at - modules.datetime.timedelta(seconds=var("settling_seconds"))).strftime("%Y-%m-%d %H:%M:%S.%f") }}', 6, 'UTC')
{%- endmacro %}

{#-
    Columns of a source as they stood at the cut.

    Sources are read one after the other while changes arrive, and a transaction's rows arrive by several
    topics. Read at different instants, an order could stand without its lines. So every source is read as of
    one commit time, a little before the build began: rows that have not changed since are taken as they are, the
    few others are taken back to their last version until then, which `raw` holds.

    Args:
        dataset: the source, such as `tickets__orders`.
        columns: what the marts need of it, the key among them.
        labels: those of the columns that have few values.
        key: the primary key.
-#}
{% macro read_at_cut(dataset, columns, labels=[], key="id") -%}
{%- set current = ref("stg_" ~ dataset) -%}
{%- set types = {} -%}
{%- if execute -%}
    {%- for column in adapter.get_columns_in_relation(current) -%}
        {%- do types.update({column.name: column.data_type}) -%}
    {%- endfor -%}
{%- endif -%}
with

moved as (

    select {{ key }} from ods.{{ dataset }}
    where _committed_at > {{ cut() }}
    union all
    -- What was deleted since is no current row.
    select {{ key }} from raw.{{ dataset }}
    where _committed_at > {{ cut() }}
      and _op = 'd'

),

unmoved as (

    select
        {%- for column in columns %}
        {{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from {{ current }}
    where {{ key }} not in (select {{ key }} from moved)

),

taken_back as (

    -- A change may leave columns out that it did not touch; each keeps its last value.
    select
        {%- for column in columns %}
        {%- if column == key %}
        {{ column }},
        {%- else %}
        cast(
            argMaxIf(tuple({{ column }}), _version, _op != 'd' and not has(_unchanged, '{{ column }}')).1
            as {{ types.get(column, "String") }}
        ) as {{ column }},
        {%- endif %}
        {%- endfor %}
        argMax(_op, _version) as last_op
    from raw.{{ dataset }}
    where {{ key }} in (select {{ key }} from moved)
      and _committed_at <= {{ cut() }}
      and _op != 't'
    group by {{ key }}
    having last_op != 'd'

)

{% for part in ["unmoved", "taken_back"] -%}
select
    {%- for column in columns %}
    {% if column in labels %}toLowCardinality({{ column }}) as {{ column }}{% else %}{{ column }}{% endif %}{{ "," if not loop.last }}
    {%- endfor %}
from {{ part }}
{% if not loop.last %}union all
{% endif %}
{%- endfor %}
{%- endmacro %}
