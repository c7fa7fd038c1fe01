-- Points tags: by our own ledger, all pools together. One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

points as (

    select * from {{ ref('int_points__customers') }}

),

final as (

    select
        customers.customer_id,
        cast(coalesce(points.available_points, 0) as bigint) as points_available_count,
        cast(coalesce(points.brand_points, 0) as bigint)
            as points_brand_available_count,
        cast(coalesce(points.pending_points, 0) as bigint) as points_pending_count,
        cast(coalesce(points.value_amount, 0) as numeric(18, 2)) as points_value_amount,
        cast(coalesce(points.expiring_points_30d, 0) as bigint)
            as points_expiring_count_30d,
        points.next_ends_on as points_next_expiry_on,
        cast(coalesce(points.expired_points_365d, 0) as bigint)
            as points_expired_count_365d,
        cast(greatest(coalesce(points.earned_points_365d, 0), 0) as bigint)
            as points_earned_count_365d,
        cast(coalesce(points.bonus_points_365d, 0) as bigint)
            as points_bonus_count_365d,
        cast(greatest(coalesce(points.redeemed_points_365d, 0), 0) as bigint)
            as points_redeemed_count_365d,
        cast(coalesce(points.redemption_count_365d, 0) as bigint)
            as points_redemption_count_365d,
        {{ dbt.datediff('points.last_redeemed_on', as_of_date(), 'day') }}
            as points_days_since_last_redemption,
        -- More than came is spent on credit: not more than all of it was used.
        case
            when points.come_points > 0
                then cast(
                    least(greatest(points.redeemed_points / points.come_points, 0), 1)
                    as numeric(9, 4)
                )
        end as points_redemption_rate
    from customers
    left join points on customers.customer_id = points.customer_id

)

select * from final
