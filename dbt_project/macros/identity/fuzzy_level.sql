{#-
    How far two texts agree: same, near (up to two letters off, one in short texts), alike
    (half of their trigrams) or different.
-#}
{% macro fuzzy_level(left, right) -%}
    {{ return(adapter.dispatch('fuzzy_level', 'quanyu')(left, right)) }}
{%- endmacro %}

{% macro postgres__fuzzy_level(left, right) -%}
    case
        when {{ left }} = {{ right }} then 'same'
        when
            levenshtein_less_equal(left({{ left }}, 60), left({{ right }}, 60), 2)
            <= case when least(length({{ left }}), length({{ right }})) > 4 then 2 else 1 end
            then 'near'
        when similarity({{ left }}, {{ right }}) >= 0.5 then 'alike'
        else 'different'
    end
{%- endmacro %}
