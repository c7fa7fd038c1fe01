{#-
    Within a cut set, scope and validity each interval begins where the one before ends, and
    only the last one may be open.
-#}
{% test cuts_have_no_gaps(model) %}
with ordered as (

    select
        *,
        lead(from_value) over (
            partition by cut_set, scope, valid_from order by from_value
        ) as next_from_value
    from {{ model }}

)

select * from ordered
where
    (next_from_value is not null and to_value is distinct from next_from_value)
    or to_value <= from_value
    or valid_to < valid_from
{% endtest %}
