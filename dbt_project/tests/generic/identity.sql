{#-
    An arithmetic identity that every row keeps: `expression` compares columns of the model.

    A row for which it cannot be told (null) breaks it.
-#}
{% test identity(model, expression) %}
select *
from {{ model }}
where not coalesce({{ expression }}, false)
{% endtest %}
