{#- The columns of a source that the marts need, as they are when the build begins. -#}
{% macro read_once(relation, columns) -%}
select
    {{ columns | join(",\n    ") }}
from {{ relation }}
{%- endmacro %}
