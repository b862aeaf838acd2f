{#- A part of a whole, to four decimals; null when there is no whole. -#}
{% macro ratio(part, whole) -%}
    cast(if(({{ whole }}) = 0, null, round(toDecimal128({{ part }}, 8) / nullIf(toDecimal128({{ whole }}, 8), 0), 4)) as Nullable(Decimal(18, 4)))
{%- endmacro %}

