-- Value tags: V tier by points for spend, frequency and recency, ticket level inside
-- each tier, place among the spenders, and where the tier came from. One row per
-- customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

purchases as not materialized (

    select * from {{ ref('tags_customer_purchase') }}
    where purchase_order_count > 0

),

tiers as (

    select * from {{ ref('int_value__tiers') }}

),

flow as (

    select * from {{ ref('int_flow__now') }}
    where state_code = 'value_tier'

),

cuts as (

    select * from {{ ref('tag_cuts') }}
    where {{ as_of_date() }} between valid_from and valid_to

),

-- Among those who spent within a year; equals share a place. Materialized: the planner
-- would rank them anew for every cut they are compared with.
spenders as materialized (

    select
        customer_id,
        cast(
            percent_rank() over (order by net_amount_365d) as numeric(9, 4)
        ) as spend_rate,
        -- What those who spent more bring together: who begins below 80% is in it.
        (
            sum(net_amount_365d) over (order by net_amount_365d desc)
            - sum(net_amount_365d) over (partition by net_amount_365d)
        ) / sum(net_amount_365d) over () as spend_share_above
    from tiers
    where net_amount_365d > 0

),

classed as (

    select
        spenders.customer_id,
        spenders.spend_rate,
        top_cuts.label = 'top' as is_top,
        pareto_cuts.label as pareto_class
    from spenders
    inner join cuts as top_cuts
        on
            top_cuts.cut_set = 'value_spend_rank'
            and spenders.spend_rate >= top_cuts.from_value
            and (
                top_cuts.to_value is null
                or spenders.spend_rate < top_cuts.to_value
            )
    inner join cuts as pareto_cuts
        on
            pareto_cuts.cut_set = 'value_pareto'
            and spenders.spend_share_above >= pareto_cuts.from_value
            and (
                pareto_cuts.to_value is null
                or spenders.spend_share_above < pareto_cuts.to_value
            )

),

final as (

    select
        customers.customer_id,
        tiers.value_tier,
        cuts.label as value_ticket_level,
        cast(tiers.value_points as bigint) as value_points_count,
        cast(tiers.next_tier_points - tiers.value_points as bigint)
            as value_next_tier_gap_count,
        classed.spend_rate as value_spend_percentile_rate,
        coalesce(classed.is_top, false) as value_is_top_spender,
        classed.pareto_class as value_pareto_class,
        flow.entered_on as value_tier_entered_on,
        flow.previous_state as value_previous_tier,
        flow.state_30d_ago as value_tier_30d_ago,
        flow.state_90d_ago as value_tier_90d_ago,
        flow.direction_90d as value_tier_direction_90d
    from customers
    left join tiers on customers.customer_id = tiers.customer_id
    left join purchases on customers.customer_id = purchases.customer_id
    left join classed on customers.customer_id = classed.customer_id
    left join flow on customers.customer_id = flow.customer_id
    left join cuts
        on
            cuts.cut_set = 'value_ticket_level'
            and tiers.value_tier = cuts.scope
            and purchases.purchase_ticket_amount_365d >= cuts.from_value
            and (
                cuts.to_value is null
                or purchases.purchase_ticket_amount_365d < cuts.to_value
            )

)

select * from final
