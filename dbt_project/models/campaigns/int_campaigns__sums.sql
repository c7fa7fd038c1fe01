-- What the arms of campaigns add up to, before the start and since: the sums that
-- means, shares and their variances are made of. One row per campaign, population,
-- arm and period. Everybody who ever was a member counts, from the day of coming in
-- and also after leaving: a purchase that ends the membership is what the campaign is
-- for.
{{ config(materialized='view') }}

with

members as (

    select * from {{ ref('int_campaigns__members') }}

),

buying_days as (

    select * from {{ ref('int_campaigns__buying_days') }}
    where is_before or is_after_entry

),

periods as (

    select 'before' as period
    union all
    select 'since' as period

),

people as (

    select distinct
        campaign_code,
        population,
        customer_id,
        arm
    from members

),

bought as (

    select
        campaign_code,
        population,
        customer_id,
        case when is_before then 'before' else 'since' end as period,
        sum(order_count) as order_count,
        sum(sales_amount) as sales_amount,
        sum(net_amount) as net_amount,
        max(case when is_category_bought then 1 else 0 end) as category_buyer_count
    from buying_days
    group by
        campaign_code,
        population,
        customer_id,
        case when is_before then 'before' else 'since' end

),

final as (

    select
        people.campaign_code,
        people.population,
        people.arm,
        periods.period,
        count(*) as person_count,
        count(bought.customer_id) as buyer_count,
        count(*) filter (where bought.order_count > 1) as repurchaser_count,
        coalesce(sum(bought.category_buyer_count), 0) as category_buyer_count,
        coalesce(sum(bought.order_count), 0) as order_count,
        coalesce(sum(bought.sales_amount), 0) as sales_amount,
        coalesce(sum(bought.net_amount), 0) as net_amount,
        coalesce(sum(bought.order_count * bought.order_count), 0) as order_squares,
        coalesce(sum(bought.sales_amount * bought.sales_amount), 0) as sales_squares,
        coalesce(sum(bought.net_amount * bought.net_amount), 0) as net_squares,
        coalesce(sum(bought.net_amount * bought.order_count), 0) as net_order_products
    from people
    cross join periods
    left join bought
        on
            people.campaign_code = bought.campaign_code
            and people.population = bought.population
            and people.customer_id = bought.customer_id
            and periods.period = bought.period
    group by people.campaign_code, people.population, people.arm, periods.period

)

select * from final
