-- Points that came to be spent, in the order in which they are: first in, first out. A
-- lot lives at least as long as those before it, so that lots end as they came in.
-- One row per lot: an order's in a pool, or what a channel's opening balance held.

with

openings as (

    select * from {{ ref('fct_points_openings') }}
    where points > 0

),

earned as (

    select * from {{ ref('fct_points_earned') }}
    where is_confirmed

),

reversals as (

    select * from {{ ref('fct_points_reversals') }}
    where is_pending

),

expiries as (

    select * from {{ ref('dim_points_terms') }}
    where entry_kind = 'expire'

),

reversal_summary as (

    select
        order_key,
        pool_code,
        sum(points) as points
    from reversals
    group by order_key, pool_code

),

lots as (

    select
        opening_key as lot_key,
        'opening' as lot_type,
        customer_id,
        pool_code,
        channel_code,
        shop_code,
        cast(null as bigint) as order_key,
        opens_on as effective_on,
        ends_on,
        points
    from openings
    union all
    select
        {{ bigint_key(["'earned'", 'earned.order_key', 'earned.pool_code']) }}
            as lot_key,
        'earned' as lot_type,
        earned.customer_id,
        earned.pool_code,
        earned.channel_code,
        earned.shop_code,
        earned.order_key,
        earned.confirmed_on as effective_on,
        cast(coalesce(
            {{ dbt.dateadd('day', 'expiries.days', 'earned.confirmed_on') }},
            {{ next_month_day('earned.confirmed_on', 'expiries.month_day') }}
        ) as date) as ends_on,
        cast(earned.points - coalesce(reversal_summary.points, 0) as bigint) as points
    from earned
    inner join expiries
        on
            earned.shop_code = expiries.shop_code
            and earned.pool_code = expiries.pool_code
            and earned.paid_on between expiries.valid_from and expiries.valid_to
    left join reversal_summary
        on
            earned.order_key = reversal_summary.order_key
            and earned.pool_code = reversal_summary.pool_code

),

final as (

    select
        lot_key,
        lot_type,
        customer_id,
        pool_code,
        channel_code,
        shop_code,
        order_key,
        effective_on,
        max(ends_on) over arrivals as ends_on,
        points,
        cast(sum(points) over arrivals as bigint) as through_points
    from lots
    where points > 0
    window arrivals as (
        partition by customer_id, pool_code
        order by effective_on, lots.ends_on, lot_key
        rows between unbounded preceding and current row
    )

)

select * from final
