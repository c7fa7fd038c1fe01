-- Balances of all pools and what happened to points within a year. One row per customer
-- who has a points account.

with

balances as (

    select * from {{ ref('mart_points_balances') }}

),

entries as (

    select
        *,
        effective_on > {{ dbt.dateadd('day', -365, as_of_date()) }} as is_recent
    from {{ ref('fct_points_entries') }}
    where points <> 0

),

days as (

    select * from {{ ref('fct_points_days') }}
    where
        expired_change > 0
        and happened_on > {{ dbt.dateadd('day', -365, as_of_date()) }}

),

earned as (

    select * from {{ ref('fct_points_earned') }}
    where paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}

),

pools as (

    select * from {{ ref('points_pools') }}

),

-- What points of a pool pay for; where shops differ, the least.
prices as (

    select
        pool_code,
        max(rate) as points_per_yuan
    from {{ ref('dim_points_terms') }}
    where
        entry_kind = 'redeem'
        and {{ as_of_date() }} between valid_from and valid_to
    group by pool_code

),

balance_summary as (

    select
        balances.customer_id,
        sum(balances.available_points) as available_points,
        coalesce(sum(balances.available_points) filter (
            where pools.pool_kind = 'brand'
        ), 0) as brand_points,
        sum(balances.pending_points) as pending_points,
        sum(balances.expiring_points_30d) as expiring_points_30d,
        min(balances.next_ends_on) as next_ends_on,
        coalesce(sum(balances.available_points / prices.points_per_yuan), 0)
            as value_amount
    from balances
    inner join pools on balances.pool_code = pools.pool_code
    left join prices on balances.pool_code = prices.pool_code
    group by balances.customer_id

),

entry_summary as (

    select
        customer_id,
        sum(points) filter (
            where entry_type in ('opening', 'confirm', 'reverse')
        ) as come_points,
        sum(points) filter (
            where entry_type in ('confirm', 'reverse') and is_recent
        ) as earned_points_365d,
        -sum(points) filter (
            where entry_type in ('redeem', 'give_back')
        ) as redeemed_points,
        -sum(points) filter (
            where entry_type in ('redeem', 'give_back') and is_recent
        ) as redeemed_points_365d,
        count(*) filter (
            where entry_type = 'redeem' and is_recent
        ) as redemption_count_365d,
        max(effective_on) filter (where entry_type = 'redeem') as last_redeemed_on
    from entries
    group by customer_id

),

expiry_summary as (

    select
        customer_id,
        sum(expired_change) as expired_points_365d
    from days
    group by customer_id

),

bonus_summary as (

    select
        customer_id,
        sum(greatest(points - base_points, 0)) as bonus_points_365d
    from earned
    group by customer_id

),

final as (

    select
        balance_summary.*,
        coalesce(entry_summary.come_points, 0) as come_points,
        coalesce(entry_summary.earned_points_365d, 0) as earned_points_365d,
        coalesce(entry_summary.redeemed_points, 0) as redeemed_points,
        coalesce(entry_summary.redeemed_points_365d, 0) as redeemed_points_365d,
        coalesce(entry_summary.redemption_count_365d, 0) as redemption_count_365d,
        entry_summary.last_redeemed_on,
        coalesce(expiry_summary.expired_points_365d, 0) as expired_points_365d,
        coalesce(bonus_summary.bonus_points_365d, 0) as bonus_points_365d
    from balance_summary
    left join entry_summary on balance_summary.customer_id = entry_summary.customer_id
    left join expiry_summary on balance_summary.customer_id = expiry_summary.customer_id
    left join bonus_summary on balance_summary.customer_id = bonus_summary.customer_id

)

select * from final
