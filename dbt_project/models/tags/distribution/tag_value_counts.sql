-- How many customers, products, stores, guides have which value of a tag, day by day.
-- One row per day, entity, tag and value. A day run twice replaces that day; a full
-- refresh leaves the others alone, because the tags of then are gone.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='base_date',
    full_refresh=false,
    indexes=[{'columns': ['base_date']}],
) }}

with

customers as (

    {{ tag_value_counts(ref('customer_tags_wide'), 'customer') }}

),

products as (

    {{ tag_value_counts(ref('product_tags_wide'), 'product') }}

),

stores as (

    {{ tag_value_counts(ref('store_tags_wide'), 'store') }}

),

guides as (

    {{ tag_value_counts(ref('guide_tags_wide'), 'guide') }}

),

entities as (

    select * from customers
    union all
    select * from products
    union all
    select * from stores
    union all
    select * from guides

),

final as (

    select
        {{ as_of_date() }} as base_date,
        cast(entity as {{ dbt.type_string() }}) as entity,
        cast(tag_code as {{ dbt.type_string() }}) as tag_code,
        cast(cell as {{ dbt.type_int() }}) as cell,
        cast(tag_value as {{ dbt.type_string() }}) as tag_value,
        cast(value_count as {{ dbt.type_bigint() }}) as value_count
    from entities

)

select * from final
