{#- The sources that marts are made of: those that have an input. -#}
{% macro sources_of_marts() -%}
    {{ return([
        "events__carts",
        "events__events",
        "events__page_views",
        "events__venues",
        "financial__exchange_rates",
        "financial__payouts",
        "payments__disputes",
        "payments__payments",
        "payments__refunds",
        "tickets__check_ins",
        "tickets__discount_codes",
        "tickets__order_items",
        "tickets__orders",
        "tickets__ticket_transfers",
        "tickets__ticket_types",
        "tickets__tickets",
        "users__organizers",
        "users__user_profiles",
        "users__users",
    ]) }}
{%- endmacro %}

{#- The sources of every mart, by its name: those of all inputs and histories on its way. -#}
{% macro sources_by_mart() -%}
    {%- set found = {} -%}
    {%- if execute -%}
        {%- for mart in graph.nodes.values() if mart.resource_type == "model" and mart.fqn[1] == "marts" and mart.name != "freshness" -%}
            {%- set waiting = [mart.unique_id] -%}
            {%- set seen = [] -%}
            {%- set sources = [] -%}
            {#- Jinja has no while: no way through the models is longer than there are models. -#}
            {%- for step in range(graph.nodes | length) if waiting -%}
                {%- set here = waiting.pop() -%}
                {%- if here not in seen and here in graph.nodes -%}
                    {%- do seen.append(here) -%}
                    {%- set node = graph.nodes[here] -%}
                    {%- if node.fqn[1] == "inputs" -%}
                        {%- do sources.append(node.name | replace("input_", "", 1) | replace("history_", "", 1)) -%}
                    {%- else -%}
                        {%- do waiting.extend(node.depends_on.nodes) -%}
                    {%- endif -%}
                {%- endif -%}
            {%- endfor -%}
            {%- do found.update({mart.name: sources | unique | sort}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}
