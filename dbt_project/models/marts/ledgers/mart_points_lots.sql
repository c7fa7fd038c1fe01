-- Lots of which points are left today: the hindmost part of an account's line of lots,
-- as long as what can be spent. One row per lot.
{{ config(materialized='view', post_hook=[]) }}

with

lots as (

    select * from {{ ref('fct_points_lots') }}

),

days as (

    select * from {{ ref('fct_points_days') }}
    where next_happened_on is null and available_points > 0

),

last_lots as (

    select
        customer_id,
        pool_code,
        max(through_points) as through_points
    from lots
    group by customer_id, pool_code

),

final as (

    select
        lots.lot_key,
        lots.lot_type,
        lots.customer_id,
        lots.pool_code,
        lots.channel_code,
        lots.shop_code,
        lots.order_key,
        lots.effective_on,
        lots.ends_on,
        lots.points,
        cast(least(
            lots.points,
            lots.through_points - last_lots.through_points + days.available_points
        ) as bigint) as left_points
    from days
    inner join last_lots
        on
            days.customer_id = last_lots.customer_id
            and days.pool_code = last_lots.pool_code
    inner join lots
        on
            days.customer_id = lots.customer_id
            and days.pool_code = lots.pool_code
            and lots.through_points > last_lots.through_points - days.available_points

)

select * from final
