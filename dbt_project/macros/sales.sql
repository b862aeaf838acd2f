{#-
    The measures of sales, defined once: every mart that adds up sales adds up these.

    Gross less discount is sales; with tax and fee it is the total that buyers paid; less what was given back
    it is net. Each stands in the currency of the sale and in euros.
-#}
{% macro sales_amounts() -%}
    {{ return(["gross", "discount", "sales", "tax", "fee", "total", "refunded", "net"]) }}
{%- endmacro %}

{% macro sales_measures() -%}
    count() as orders,
    cast(sum(tickets) as UInt64) as tickets
    {%- for amount in sales_amounts() %},
    {{ money_sum(amount ~ "_amount") }} as {{ amount }}_amount
    {%- endfor %}
    {%- for amount in sales_amounts() %},
    {{ money_sum(amount ~ "_amount_eur") }} as {{ amount }}_amount_eur
    {%- endfor %}
{%- endmacro %}
