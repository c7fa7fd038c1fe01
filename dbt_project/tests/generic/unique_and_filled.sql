{#-
    The key is unique and neither it nor the required columns are ever null: one scan for
    what would be a test per column. The failing row counts what is wrong by column.
-#}
{% test unique_and_filled(model, key, required=[]) %}

with

tally as (

    select
        count({{ key }}) - count(distinct {{ key }}) as repeated_key_count
        {%- for column in [key] + required %},
        count(*) - count({{ column }}) as {{ column }}_null_count
        {%- endfor %}
    from {{ model }}

)

select * from tally
where
    repeated_key_count > 0
    {%- for column in [key] + required %}
    or {{ column }}_null_count > 0
    {%- endfor %}

{% endtest %}
