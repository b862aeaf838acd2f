{#- Days before an event's start on which its sales are compared with those of others. -#}
{% macro pace_checkpoints() -%}
    [180, 120, 90, 60, 45, 30, 21, 14, 7, 3, 1, 0]
{%- endmacro %}
