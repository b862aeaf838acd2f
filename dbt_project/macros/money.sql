{#- Money is Decimal(18, 2) in every mart: Decimal all the way, never a float. -#}
{% macro money_type(optional=false) -%}
    {{ "Nullable(Decimal(18, 2))" if optional else "Decimal(18, 2)" }}
{%- endmacro %}

{#-
    An amount in euros, rounded half away from zero to the cent; null when there is no rate.

    The product of two decimals is exact in the engine (its scale is the sum of both), so this is the only
    place where an amount is rounded.
-#}
{% macro converted(amount, rate) -%}
    cast(round(({{ amount }}) * {{ rate }}, 2) as {{ money_type(optional=true) }})
{%- endmacro %}

{#-
    The part of a running total that one row adds, in euros.

    The parts of a whole add up to the converted whole to the cent, whatever each is rounded to.
-#}
{% macro converted_share(so_far, amount, rate) -%}
    {{ converted(so_far, rate) }} - {{ converted(so_far ~ " - " ~ amount, rate) }}
{%- endmacro %}

{#- A sum of money; nothing to add up is 0. -#}
{% macro money_sum(amount) -%}
    cast(coalesce(sum({{ amount }}), 0) as {{ money_type() }})
{%- endmacro %}

{#-
    What an organizer bears of an amount given back: the share that the tickets had in what was paid, rounded
    down to the cent as the services do. All of it given back takes all that the tickets cost.
-#}
{% macro organizers_share(refunded, sales, total) -%}
    floor(cast({{ sales }} as Decimal(38, 2)) * ({{ refunded }}) / nullIf(cast({{ total }} as Decimal(38, 2)), 0), 2)
{%- endmacro %}

{#- The platform's commission on an event's sales of a month, rounded half up to the cent. -#}
{% macro commission(sales, rate) -%}
    cast(round(({{ sales }}) * ({{ rate }}), 2) as {{ money_type() }})
{%- endmacro %}
