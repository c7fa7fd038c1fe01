-- Points of an account today, with what ends next. One row per customer and pool.

with

days as (

    select * from {{ ref('fct_points_days') }}
    where next_happened_on is null

),

lots as (

    select * from {{ ref('mart_points_lots') }}

),

next_ends as (

    select
        customer_id,
        pool_code,
        min(ends_on) as ends_on,
        sum(left_points) filter (
            where ends_on <= {{ dbt.dateadd('day', 30, as_of_date()) }}
        ) as points_30d
    from lots
    group by customer_id, pool_code

),

final as (

    select
        {{ bigint_key(['days.customer_id', 'days.pool_code']) }} as account_key,
        days.customer_id,
        days.pool_code,
        days.available_points,
        days.pending_points,
        days.debt_points,
        days.expired_points,
        days.happened_on as last_changed_on,
        next_ends.ends_on as next_ends_on,
        cast(coalesce(next_ends.points_30d, 0) as bigint) as expiring_points_30d
    from days
    left join next_ends
        on
            days.customer_id = next_ends.customer_id
            and days.pool_code = next_ends.pool_code

)

select * from final
