{{ config(order_by='mart') }}

with

positions as (

    select * from {{ ref('input_positions') }}

),

sources as (

    select
        pair.1 as mart,
        pair.2 as dataset
    from (
        select arrayJoin([
            {%- for mart, datasets in (sources_by_mart() or {"orders": ["tickets__orders"]}) | dictsort %}
            {%- set last = loop.last %}
            {%- for dataset in datasets %}
            ('{{ mart }}', '{{ dataset }}'){{ "," if not (last and loop.last) }}
            {%- endfor %}
            {%- endfor %}
        ]) as pair
    )

)

select
    sources.mart as mart,
    any(positions.complete_as_of) as complete_as_of,
    max(positions.position) as complete_as_of_position,
    max(positions.last_changed_at) as last_changed_at,
    cast(sum(positions.changes) as UInt64) as changes,
    argMax(positions.dataset, (positions.position, positions.dataset)) as last_changed_source,
    arrayStringConcat(arraySort(groupArray(positions.dataset)), ', ') as sources
from sources
inner join positions on positions.dataset = sources.dataset
group by mart
