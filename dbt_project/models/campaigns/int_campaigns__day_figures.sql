-- KPIs of campaigns under way by day and arm, over that day's members, as base_date
-- knows them. One row per campaign, population, arm and day. cmp_days keeps them.
{{ config(materialized='view') }}

with

members as (

    select * from {{ ref('int_campaigns__members') }}

),

arms as (

    select 'treated' as arm
    union all
    select 'control' as arm

),

arm_days as (

    select
        populations.campaign_code,
        populations.population,
        arms.arm,
        dates.date_day as day_on
    from {{ ref('int_campaigns__populations') }} as populations
    inner join {{ ref('dim_dates') }} as dates
        on dates.date_day between populations.starts_on and populations.measured_to
    cross join arms

),

moves as (

    select
        campaign_code,
        population,
        arm,
        from_on as day_on,
        1 as entered_count,
        0 as left_count
    from members
    union all
    -- Beyond the last day there is no row to join.
    select
        campaign_code,
        population,
        arm,
        cast({{ dbt.dateadd('day', 1, 'to_on') }} as date) as day_on,
        0 as entered_count,
        1 as left_count
    from members

),

moved as (

    select
        campaign_code,
        population,
        arm,
        day_on,
        sum(entered_count) as entered_count,
        sum(left_count) as left_count
    from moves
    group by campaign_code, population, arm, day_on

),

bought as (

    select
        campaign_code,
        population,
        arm,
        paid_on as day_on,
        count(*) as buyer_count,
        sum(order_count) as order_count,
        sum(sales_amount) as sales_amount,
        sum(net_amount) as net_amount,
        count(*) filter (where order_count_so_far > 1) as repurchaser_count,
        count(*) filter (where is_category_bought) as category_buyer_count
    from {{ ref('int_campaigns__buying_days') }}
    where is_member
    group by campaign_code, population, arm, paid_on

),

final as (

    select
        arm_days.*,
        sum(coalesce(moved.entered_count, 0) - coalesce(moved.left_count, 0)) over (
            partition by arm_days.campaign_code, arm_days.population, arm_days.arm
            order by arm_days.day_on
            rows between unbounded preceding and current row
        ) as member_count,
        coalesce(moved.entered_count, 0) as entered_count,
        coalesce(moved.left_count, 0) as left_count,
        coalesce(bought.buyer_count, 0) as buyer_count,
        cast(coalesce(bought.order_count, 0) as {{ dbt.type_bigint() }}) as order_count,
        cast(coalesce(bought.sales_amount, 0) as numeric(18, 2)) as sales_amount,
        cast(coalesce(bought.net_amount, 0) as numeric(18, 2)) as net_amount,
        coalesce(bought.repurchaser_count, 0) as repurchaser_count,
        coalesce(bought.category_buyer_count, 0) as category_buyer_count
    from arm_days
    left join moved
        on
            arm_days.campaign_code = moved.campaign_code
            and arm_days.population = moved.population
            and arm_days.arm = moved.arm
            and arm_days.day_on = moved.day_on
    left join bought
        on
            arm_days.campaign_code = bought.campaign_code
            and arm_days.population = bought.population
            and arm_days.arm = bought.arm
            and arm_days.day_on = bought.day_on

)

select * from final
