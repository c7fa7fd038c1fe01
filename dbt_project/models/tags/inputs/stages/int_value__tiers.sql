-- The value tier: points for spend, frequency and recency, summed and cut. One row per
-- customer who has ordered.

with

purchases as not materialized (

    select * from {{ ref('tags_customer_purchase') }}
    where purchase_order_count > 0

),

recent_purchases as (

    select
        customer_id,
        count(*) as order_count_365d
    from {{ ref('int_purchases__orders') }}
    where paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
    group by customer_id

),

cuts as (

    select * from {{ ref('tag_cuts') }}
    where {{ as_of_date() }} between valid_from and valid_to

),

measured as (

    select
        purchases.customer_id,
        purchases.purchase_net_amount_365d as net_amount_365d,
        coalesce(recent_purchases.order_count_365d, 0) as order_count_365d,
        -- Nothing kept is as good as never.
        coalesce(purchases.purchase_days_since_last_order, 99999)
            as days_since_last_order
    from purchases
    left join recent_purchases
        on purchases.customer_id = recent_purchases.customer_id

),

pointed as (

    select
        measured.*,
        cast(spend.label as integer)
        + cast(frequency.label as integer)
        + cast(recency.label as integer) as value_points
    from measured
    inner join cuts as spend
        on
            spend.cut_set = 'value_points_spend'
            and measured.net_amount_365d >= spend.from_value
            and (spend.to_value is null or measured.net_amount_365d < spend.to_value)
    inner join cuts as frequency
        on
            frequency.cut_set = 'value_points_frequency'
            and measured.order_count_365d >= frequency.from_value
            and (
                frequency.to_value is null
                or measured.order_count_365d < frequency.to_value
            )
    inner join cuts as recency
        on
            recency.cut_set = 'value_points_recency'
            and measured.days_since_last_order >= recency.from_value
            and (
                recency.to_value is null
                or measured.days_since_last_order < recency.to_value
            )

),

final as (

    select
        pointed.*,
        tiers.label as value_tier,
        -- Where the next tier begins; null at the top.
        tiers.to_value as next_tier_points
    from pointed
    inner join cuts as tiers
        on
            tiers.cut_set = 'value_tier'
            and pointed.value_points >= tiers.from_value
            and (tiers.to_value is null or pointed.value_points < tiers.to_value)

)

select * from final
