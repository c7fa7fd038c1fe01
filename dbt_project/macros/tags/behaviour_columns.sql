{#-
    The columns of an event that a rule of the seed behaviour_tags may name, by kind:
    texts are compared and counted as they are, numbers are measured.
-#}
{% macro behaviour_columns() -%}
    {{ return({
        'text': [
            'channel_code', 'shop_code', 'brand_code', 'product_category', 'product_key',
            'content_key', 'content_type', 'topic', 'author_type', 'keyword', 'detail',
            'occurred_on',
        ],
        'number': ['quantity', 'amount', 'rating', 'seconds', 'hour_of_day'],
    }) }}
{%- endmacro %}
