{#-
    What every row keeps, each rule a name and an expression: one scan judges them all.

    A row that breaks any comes back with the names of those it breaks; one for which a rule cannot be told (null)
    breaks it.
-#}
{% test rows_hold(model, rules) %}
select
    *,
    arrayFilter(
        (rule, holds) -> not holds,
        [{% for each in rules %}'{{ each.rule }}'{{ ", " if not loop.last }}{% endfor %}],
        [{% for each in rules %}coalesce({{ each.expression }}, false) != 0{{ ", " if not loop.last }}{% endfor %}]
    ) as broken_rules
from {{ model }}
where not (
    {%- for each in rules %}
    coalesce({{ each.expression }}, false){{ " and" if not loop.last }}
    {%- endfor %}
)
{% endtest %}
