{#-
    A rule of the contract whose query counts failing rows. `{table}` in it is the model, `{other}` a model
    listed in `others`.
-#}
{% test rule(model, query, others=[]) %}
{{ config(fail_calc="coalesce(max(failing_rows), 0)") }}
{%- set rendered = namespace(sql=query | replace("{table}", model | string)) %}
{%- for other in others %}
{%- set rendered.sql = rendered.sql | replace("{" ~ other.identifier ~ "}", other | string) %}
{%- endfor %}
select failing_rows
from (
    select ({{ rendered.sql }}) as failing_rows
)
where failing_rows != 0
{% endtest %}
