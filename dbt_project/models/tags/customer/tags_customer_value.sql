-- Value tags: V tier by points for spend, frequency and recency; ticket level inside
-- each tier. One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

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

measures as (

    select
        purchases.customer_id,
        'value_points_spend' as cut_set,
        purchases.purchase_net_amount_365d as measure
    from purchases
    union all
    select
        purchases.customer_id,
        'value_points_frequency' as cut_set,
        coalesce(recent_purchases.order_count_365d, 0) as measure
    from purchases
    left join recent_purchases
        on purchases.customer_id = recent_purchases.customer_id
    union all
    select
        customer_id,
        'value_points_recency' as cut_set,
        -- Nothing kept is as good as never.
        coalesce(purchase_days_since_last_order, 99999) as measure
    from purchases

),

scored as (

    select
        measures.customer_id,
        sum(cast(cuts.label as integer)) as points
    from measures
    inner join cuts
        on
            measures.cut_set = cuts.cut_set
            and measures.measure >= cuts.from_value
            and (cuts.to_value is null or measures.measure < cuts.to_value)
    group by measures.customer_id

),

tiered as (

    select
        scored.customer_id,
        cuts.label as value_tier
    from scored
    inner join cuts
        on
            cuts.cut_set = 'value_tier'
            and scored.points >= cuts.from_value
            and (cuts.to_value is null or scored.points < cuts.to_value)

),

final as (

    select
        customers.customer_id,
        tiered.value_tier,
        cuts.label as value_ticket_level
    from customers
    left join tiered on customers.customer_id = tiered.customer_id
    left join purchases on customers.customer_id = purchases.customer_id
    left join cuts
        on
            cuts.cut_set = 'value_ticket_level'
            and tiered.value_tier = cuts.scope
            and purchases.purchase_ticket_amount_365d >= cuts.from_value
            and (
                cuts.to_value is null
                or purchases.purchase_ticket_amount_365d < cuts.to_value
            )

)

select * from final
