-- Opening balances: what the channels' statements say members held before the first day
-- of our ledger. What ends last is what was left. One row per account of a channel and
-- day on which its points end; a balance below zero is one row without such a day.

with

entries as (

    select * from {{ ref('fct_points') }}
    where customer_id is not null

),

pools as (

    select * from {{ ref('points_pools') }}

),

terms as (

    select * from {{ ref('dim_points_terms') }}

),

early_entries as (

    select
        entries.customer_id,
        pools.pool_code,
        entries.channel_code,
        entries.shop_code,
        pools.starts_on as opens_on,
        entries.points,
        -- An end for points that have none, a last day for those that should be gone.
        cast(greatest(
            coalesce(
                entries.expires_on,
                {{ dbt.dateadd('day', 'expiries.days', 'pools.starts_on') }},
                {{ next_month_day('pools.starts_on', 'expiries.month_day') }}
            ),
            pools.starts_on
        ) as date) as ends_on
    from entries
    inner join terms as spending
        on
            entries.shop_code = spending.shop_code
            and spending.entry_kind = 'redeem'
    inner join pools
        on
            spending.pool_code = pools.pool_code
            and pools.starts_on between spending.valid_from and spending.valid_to
            and entries.occurred_on < pools.starts_on
    inner join terms as expiries
        on
            entries.shop_code = expiries.shop_code
            and pools.pool_code = expiries.pool_code
            and pools.starts_on between expiries.valid_from and expiries.valid_to
            and expiries.entry_kind = 'expire'

),

ends as (

    select
        customer_id,
        pool_code,
        channel_code,
        shop_code,
        opens_on,
        ends_on,
        sum(greatest(points, 0)) as points
    from early_entries
    group by
        customer_id, pool_code, channel_code, shop_code, opens_on, ends_on

),

balances as (

    select
        customer_id,
        pool_code,
        channel_code,
        shop_code,
        opens_on,
        sum(points) as points
    from early_entries
    group by customer_id, pool_code, channel_code, shop_code, opens_on

),

left_over as (

    select
        ends.customer_id,
        ends.pool_code,
        ends.channel_code,
        ends.shop_code,
        ends.opens_on,
        ends.ends_on,
        least(
            ends.points,
            balances.points + ends.points - sum(ends.points) over (
                partition by ends.customer_id, ends.pool_code, ends.shop_code
                order by ends.ends_on desc
            )
        ) as points
    from ends
    inner join balances
        on
            ends.customer_id = balances.customer_id
            and ends.pool_code = balances.pool_code
            and ends.shop_code = balances.shop_code
    union all
    select
        customer_id,
        pool_code,
        channel_code,
        shop_code,
        opens_on,
        cast(null as date) as ends_on,
        points
    from balances
    where points < 0

),

final as (

    select
        {{ bigint_key(["'opening'", 'customer_id', 'pool_code', 'shop_code', 'ends_on'])
        }} as opening_key,
        customer_id,
        pool_code,
        channel_code,
        shop_code,
        opens_on,
        ends_on,
        cast(points as bigint) as points
    from left_over
    where points > 0 or ends_on is null

)

select * from final
