-- The conditions of the configured behaviour tags taken apart: "amount >= 300" is
-- column, operator and value. One row per rule; what is not there is an empty text.

{{ config(materialized='view', post_hook=[]) }}

with

rules as (

    select * from {{ ref('behaviour_tags') }}

),

conditions as (

    select
        tag_code,
        {{ dbt.split_part("coalesce(filters, '')", "' and '", 1) }} as condition_1,
        {{ dbt.split_part("coalesce(filters, '')", "' and '", 2) }} as condition_2,
        {{ dbt.split_part("coalesce(filters, '')", "' and '", 3) }} as condition_3
    from rules

),

words as (

    select
        *,
        {{ dbt.split_part('condition_1', "' '", 1) }} as column_1,
        {{ dbt.split_part('condition_1', "' '", 2) }} as operator_1,
        {{ dbt.split_part('condition_2', "' '", 1) }} as column_2,
        {{ dbt.split_part('condition_2', "' '", 2) }} as operator_2,
        {{ dbt.split_part('condition_3', "' '", 1) }} as column_3,
        {{ dbt.split_part('condition_3', "' '", 2) }} as operator_3
    from conditions

),

-- The value is the rest, blanks and all.
final as (

    select
        tag_code,
        column_1,
        operator_1,
        substr(condition_1, length(column_1) + length(operator_1) + 3) as value_1,
        column_2,
        operator_2,
        substr(condition_2, length(column_2) + length(operator_2) + 3) as value_2,
        column_3,
        operator_3,
        substr(condition_3, length(column_3) + length(operator_3) + 3) as value_3
    from words

)

select * from final
