{#- No two rows share the values of these columns; none of them is null. -#}
{% test unique_together(model, columns) %}
select {{ columns | join(", ") }}, count() as occurrences
from {{ model }}
group by {{ columns | join(", ") }}
having occurrences > 1 {%- for column in columns %} or {{ column }} is null {%- endfor %}
{% endtest %}
