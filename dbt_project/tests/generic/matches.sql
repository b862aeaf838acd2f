{#- Every value that is not null matches a regular expression (RE2). -#}
{% test matches(model, column_name, pattern) %}
select {{ column_name }}
from {{ model }}
where {{ column_name }} is not null
  and not match({{ column_name }}, '{{ pattern }}')
{% endtest %}
