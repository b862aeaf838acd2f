{#-
    The tables and views of a database, as the adapter wants to know them.

    Takes the place of the adapter's macro, which reads the DDL of every table of the warehouse for each database,
    to find materialized views that write into it: a second at the start of a build with a thousand tables. This
    project has no such views, refreshable ones neither, and no cluster of dbt's own.
-#}
{% macro clickhouse__list_relations_without_caching(schema_relation) -%}
    {%- call statement("list_relations_without_caching", fetch_result=True) -%}
    select
        tables.name as name,
        tables.database as schema,
        multiIf(
            tables.engine = 'MaterializedView', 'materialized_view',
            tables.engine = 'View', 'view',
            tables.engine = 'Dictionary', 'dictionary',
            'table'
        ) as type,
        databases.engine as db_engine,
        cast([] as Array(Map(String, String))) as mvs_pointing_to_it,
        0 as is_refreshable,
        0 as refreshable_append,
        0 as is_on_cluster
    from system.tables as tables
    inner join system.databases as databases on databases.name = tables.database
    where tables.database = '{{ schema_relation.schema }}'
    {%- endcall -%}
    {{ return(load_result("list_relations_without_caching").table) }}
{%- endmacro %}
