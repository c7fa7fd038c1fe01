-- Campaigns day by day, treated people beside the control, over that day's members
-- and per member, since the arms differ in size. One row per campaign, population and
-- day, as it was last recorded.

with

versions as (

    select
        *,
        row_number() over (
            partition by campaign_code, population, arm, day_on
            order by version_no desc
        ) as recency
    from {{ ref('cmp_days') }}

),

campaigns as (

    select * from {{ ref('cmp_campaigns') }}

),

arms as (

    select
        *,
        nullif(cast(member_count as numeric), 0) as members,
        net_amount / nullif(order_count, 0) as average_ticket_amount
    from versions
    where recency = 1

),

final as (

    select
        treated.campaign_code,
        campaigns.name_zh,
        treated.population,
        treated.day_on,
        treated.member_count as treated_count,
        control.member_count as control_count,
        treated.entered_count as treated_entered_count,
        control.entered_count as control_entered_count,
        treated.left_count as treated_left_count,
        control.left_count as control_left_count,
        treated.buyer_count as treated_buyer_count,
        control.buyer_count as control_buyer_count,
        treated.order_count as treated_order_count,
        control.order_count as control_order_count,
        treated.sales_amount as treated_sales_amount,
        control.sales_amount as control_sales_amount,
        treated.net_amount as treated_net_amount,
        control.net_amount as control_net_amount,
        treated.buyer_count / treated.members as treated_buyer_rate,
        control.buyer_count / control.members as control_buyer_rate,
        treated.repurchaser_count / treated.members as treated_repurchase_rate,
        control.repurchaser_count / control.members as control_repurchase_rate,
        treated.category_buyer_count / treated.members as treated_category_buyer_rate,
        control.category_buyer_count / control.members as control_category_buyer_rate,
        treated.order_count / treated.members as treated_orders_per_person,
        control.order_count / control.members as control_orders_per_person,
        treated.sales_amount / treated.members as treated_sales_per_person,
        control.sales_amount / control.members as control_sales_per_person,
        treated.net_amount / treated.members as treated_net_sales_per_person,
        control.net_amount / control.members as control_net_sales_per_person,
        treated.average_ticket_amount as treated_average_ticket,
        control.average_ticket_amount as control_average_ticket,
        greatest(treated.version_no, control.version_no) as version_no,
        greatest(treated.recorded_on, control.recorded_on) as recorded_on
    from arms as treated
    inner join arms as control
        on
            treated.campaign_code = control.campaign_code
            and treated.population = control.population
            and treated.day_on = control.day_on
    left join campaigns on treated.campaign_code = campaigns.campaign_code
    where treated.arm = 'treated' and control.arm = 'control'

)

select * from final
