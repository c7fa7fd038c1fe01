-- Accounts whose balance in the channels differs from ours, and by what: the channels
-- earn and expire by rules of their own. One row per customer and pool.

with

channel_entries as (

    select * from {{ ref('fct_points') }}
    where customer_id is not null

),

entries as (

    select * from {{ ref('fct_points_ledger') }}

),

balances as (

    select * from {{ ref('mart_points_balances') }}

),

pools as (

    select * from {{ ref('points_pools') }}

),

-- A shop's points belong to the pool they are spent from today.
shops as (

    select
        shop_code,
        max(pool_code) as pool_code
    from {{ ref('dim_points_terms') }}
    where
        entry_kind = 'redeem'
        and {{ as_of_date() }} between valid_from and valid_to
    group by shop_code

),

channel_summary as (

    select
        channel_entries.customer_id,
        coalesce(shops.pool_code, 'none') as pool_code,
        sum(channel_entries.points) as points,
        coalesce(sum(channel_entries.points) filter (
            where
            channel_entries.occurred_on >= pools.starts_on
            and (
                channel_entries.entry_type = 'earn'
                or (
                    channel_entries.entry_type = 'return'
                    and channel_entries.points < 0
                )
            )
        ), 0) as earned_points,
        coalesce(sum(channel_entries.points) filter (
            where
            channel_entries.occurred_on >= pools.starts_on
            and channel_entries.entry_type = 'expire'
        ), 0) as expired_points
    from channel_entries
    left join shops on channel_entries.shop_code = shops.shop_code
    left join pools on shops.pool_code = pools.pool_code
    group by channel_entries.customer_id, coalesce(shops.pool_code, 'none')

),

ledger_summary as (

    select
        customer_id,
        pool_code,
        coalesce(sum(points) filter (
            where entry_type in ('confirm', 'reverse')
        ), 0) as earned_points,
        coalesce(sum(points) filter (where entry_type = 'expire'), 0) as expired_points
    from entries
    group by customer_id, pool_code

),

accounts as (

    select
        balances.customer_id,
        balances.pool_code,
        balances.available_points - balances.debt_points as points,
        balances.pending_points,
        ledger_summary.earned_points,
        ledger_summary.expired_points
    from balances
    inner join ledger_summary
        on
            balances.customer_id = ledger_summary.customer_id
            and balances.pool_code = ledger_summary.pool_code

),

final as (

    select
        coalesce(accounts.customer_id, channel_summary.customer_id) as customer_id,
        coalesce(accounts.pool_code, channel_summary.pool_code) as pool_code,
        coalesce(channel_summary.points, 0) as channel_points,
        coalesce(accounts.points, 0) as ledger_points,
        coalesce(channel_summary.points, 0) - coalesce(accounts.points, 0)
            as difference_points,
        coalesce(accounts.pending_points, 0) as pending_points,
        coalesce(channel_summary.earned_points, 0)
        - coalesce(accounts.earned_points, 0) as earned_difference_points,
        coalesce(channel_summary.expired_points, 0)
        - coalesce(accounts.expired_points, 0) as expired_difference_points
    from accounts
    full outer join channel_summary
        on
            accounts.customer_id = channel_summary.customer_id
            and accounts.pool_code = channel_summary.pool_code

)

select * from final
where difference_points <> 0
