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

measures as (

    select
        customer_id,
        'value_points_spend' as cut_set,
        net_amount_365d as measure
    from measured
    union all
    select
        customer_id,
        'value_points_frequency' as cut_set,
        order_count_365d as measure
    from measured
    union all
    select
        customer_id,
        'value_points_recency' as cut_set,
        days_since_last_order as measure
    from measured

),

points as (

    select
        measures.customer_id,
        sum(cast(cuts.label as integer)) as value_points
    from measures
    inner join cuts
        on
            measures.cut_set = cuts.cut_set
            and measures.measure >= cuts.from_value
            and (cuts.to_value is null or measures.measure < cuts.to_value)
    group by measures.customer_id

),

pointed as (

    select
        measured.*,
        cast(points.value_points as integer) as value_points
    from measured
    inner join points on measured.customer_id = points.customer_id

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
