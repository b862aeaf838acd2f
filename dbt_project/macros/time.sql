{#-
    The time zone of an event, or UTC where the engine does not know it: one misspelt zone is no reason to have
    no marts.
-#}
{% macro known_zone(time_zone) -%}
    if({{ time_zone }} in (select zones.time_zone from system.time_zones as zones), assumeNotNull({{ time_zone }}), 'UTC')
{%- endmacro %}

{#-
    A moment as the clocks of a time zone show it.

    `toString` is the one function that takes another zone for each row (0.3 s for a million rows).
-#}
{% macro local_time(moment, time_zone) -%}
    toDateTime64(toString({{ moment }}, {{ known_zone(time_zone) }}), 6, 'UTC')
{%- endmacro %}

{#- The day on which a moment falls in a time zone. -#}
{% macro local_day(moment, time_zone) -%}
    toDate32(substring(toString({{ moment }}, {{ known_zone(time_zone) }}), 1, 10))
{%- endmacro %}
