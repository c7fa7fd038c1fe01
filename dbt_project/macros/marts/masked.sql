{#-
    A contact point or a name as people may see it: enough to recognise, too little to use.
    An address keeps its first character and its host (a***@host), a phone its ends
    (138****1234), an id its first and last four characters. The shape of the value decides,
    not its kind: a card number may be a phone.
-#}
{% macro masked(column) -%}
    {{ return(adapter.dispatch('masked', 'quanyu')(column)) }}
{%- endmacro %}

{% macro default__masked(column) -%}
    case
        when {{ column }} like '%@%'
            then substring({{ column }}, 1, 1) || '***@' || split_part({{ column }}, '@', 2)
        when translate({{ column }}, '0123456789', '') = '' and length({{ column }}) between 10 and 13
            then substring({{ column }}, 1, length({{ column }}) - 8) || '****' || right({{ column }}, 4)
        when length({{ column }}) >= 12
            then substring({{ column }}, 1, 4) || '…' || right({{ column }}, 4)
        when length({{ column }}) >= 8 then '…' || right({{ column }}, 4)
        when {{ column }} is not null then substring({{ column }}, 1, 1) || '**'
    end
{%- endmacro %}
