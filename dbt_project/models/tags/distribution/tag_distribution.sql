-- How each tag is filled and spread, day by day. One row per day, entity and tag. A day
-- run twice replaces that day; a full refresh leaves the others alone.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='base_date',
    full_refresh=false,
) }}

with

value_counts as (

    select
        *,
        cell is not null or tag_value is not null as is_filled
    from {{ ref('tag_value_counts') }}
    where base_date = {{ as_of_date() }}

),

counted as (

    select
        entity,
        tag_code,
        sum(value_count) as row_count,
        sum(case when is_filled then value_count else 0 end) as filled_count,
        sum(case when is_filled then 1 else 0 end) as value_count
    from value_counts
    group by entity, tag_code

),

samples as (

    {{ tag_samples(ref('customer_tags_wide'), 'customer', 'customer_id') }}
    union all
    {{ tag_samples(ref('product_tags_wide'), 'product', 'product_key') }}
    union all
    {{ tag_samples(ref('store_tags_wide'), 'store', 'store_code') }}
    union all
    {{ tag_samples(ref('guide_tags_wide'), 'guide', 'staff_code') }}

),

sampled as (

    select
        tag_key,
        max(sample_size) as sample_size,
        count(distinct number) + count(distinct words) as value_count,
        percentile_cont(0.01) within group (order by number) as p01,
        percentile_cont(0.05) within group (order by number) as p05,
        percentile_cont(0.25) within group (order by number) as p25,
        percentile_cont(0.50) within group (order by number) as p50,
        percentile_cont(0.75) within group (order by number) as p75,
        percentile_cont(0.95) within group (order by number) as p95,
        percentile_cont(0.99) within group (order by number) as p99
    from samples
    group by tag_key

),

final as (

    select
        {{ as_of_date() }} as base_date,
        counted.entity,
        counted.tag_code,
        cast(counted.row_count as {{ dbt.type_bigint() }}) as row_count,
        cast(counted.filled_count as {{ dbt.type_bigint() }}) as filled_count,
        cast(
            cast(counted.filled_count as numeric(18, 4)) / counted.row_count
            as numeric(9, 4)
        ) as fill_rate,
        cast(
            coalesce(sampled.value_count, counted.value_count)
            as {{ dbt.type_bigint() }}
        ) as distinct_count,
        cast(sampled.sample_size as {{ dbt.type_bigint() }}) as sample_size,
        sampled.p01,
        sampled.p05,
        sampled.p25,
        sampled.p50,
        sampled.p75,
        sampled.p95,
        sampled.p99
    from counted
    left join sampled
        on
            {{ bigint_key(['counted.entity', 'counted.tag_code']) }}
            = sampled.tag_key

)

select * from final
