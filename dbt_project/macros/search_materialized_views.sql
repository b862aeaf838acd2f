{#-
    Materialized views that write to a table, of the table's own database.

    Takes the place of the adapter's macro, which reads the DDL of every table of the warehouse before each view
    it replaces: 0.5 s each with a thousand tables. Nothing here writes from one database to another behind dbt's
    back.
-#}
{% macro clickhouse__search_associated_mvs_to_target(relation_schema, relation_name, mv_suffixes) -%}
    {%- set expected = [] -%}
    {%- for suffix in mv_suffixes.keys() -%}
        {%- do expected.append(relation_name ~ "_" ~ suffix) -%}
    {%- endfor -%}
    {%- set found = run_query(
        "select name from system.tables where database = '" ~ relation_schema ~ "' and engine = 'MaterializedView'"
        ~ " and extract(create_table_query, 'TO\\\\s+([^\\\\s(]+)') = '" ~ relation_schema ~ "." ~ relation_name ~ "'"
    ) -%}
    {{ return((found.columns[0].values() if found is not none and found.columns else [], expected)) }}
{%- endmacro %}
