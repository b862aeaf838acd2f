{#-
    Every version that the rows of a source had until the cut, in the order of the source's log.

    A version begins with the change that made it and ends with the next one that changed any of these columns;
    changes of other columns make none. Commit times tell when, log positions tell the order: two changes of
    one transaction make two versions, of which the first lasted no time.

    Of a row that was there when capture began only one state is known; it is taken to have been so since the
    row was made, and `is_observed` is false. Truncations end nothing.

    Args:
        dataset: the source, such as `events__events`.
        columns: the columns whose changes make a version, and those that identify it.
        key: the primary key.
-#}
{% macro read_history(dataset, columns, key="id") -%}
-- depends_on: {{ ref("stg_" ~ dataset) }}
with

changes as (

    -- A change may leave columns out that it did not touch; each keeps its last value.
    select
        {{ key }},
        _version,
        _position,
        _committed_at,
        _op,
        created_at,
        {%- for column in columns %}
        argMaxIf(tuple({{ column }}), _version, _op != 'd' and not has(_unchanged, '{{ column }}')) over until_then as known_{{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from (
        -- What was delivered twice counts once.
        select * from raw.{{ dataset }}
        where _committed_at <= {{ cut() }}
          and _op != 't'
        limit 1 by {{ key }}, _version, _op
    )
    window until_then as (
        partition by {{ key }} order by _version, _op = 'c' rows between unbounded preceding and current row
    )

),

compared as (

    select
        *,
        sipHash128(
            _op = 'd'
            {%- for column in columns %},
            known_{{ column }}.1
            {%- endfor %}
        ) as content,
        lagInFrame(content, 1, content) over in_order as content_before,
        row_number() over in_order as ordinal
    from changes
    window in_order as (
        partition by {{ key }} order by _version, _op = 'c' rows between unbounded preceding and unbounded following
    )

),

versions as (

    select
        *,
        row_number() over kept as version,
        leadInFrame(toNullable(_committed_at), 1, null) over kept as valid_to
    from compared
    where ordinal = 1
       or content != content_before
    window kept as (
        partition by {{ key }} order by _version, _op = 'c' rows between unbounded preceding and unbounded following
    )

)

select
    {{ key }},
    {%- for column in columns %}
    known_{{ column }}.1 as {{ column }},
    {%- endfor %}
    cast(version as UInt32) as version,
    if(_op = 'r' and ordinal = 1, least(assumeNotNull(created_at), _committed_at), _committed_at) as valid_from,
    valid_to,
    _position as valid_from_position,
    valid_to is null as is_current,
    not (_op = 'r' and ordinal = 1) as is_observed
from versions
where _op != 'd'
{%- endmacro %}
