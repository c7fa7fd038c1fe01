-- Points of an account (a customer's in a pool) at the end of the days on which they
-- changed. One row per account and day. Within a day points come, are spent, are given
-- back, and end.
--
-- First in, first out, in closed form. Lay an account's lots end to end: what is gone
-- is always a front part of that line. Spending moves its end by the points spent; a
-- lot that ends moves it to its own end, if it is not there yet. So gone = spent + the
-- greatest amount, so far, by which ended lots reached beyond what was spent by then:
-- that part expired. Where more is gone than came in, the rest is a debt, which the
-- next lots repay.

with

entries as (

    select * from {{ ref('fct_points_entries') }}

),

lots as (

    select * from {{ ref('fct_points_lots') }}
    where ends_on <= {{ as_of_date() }}

),

happenings as (

    select
        customer_id,
        pool_code,
        effective_on as happened_on,
        pending_points,
        points,
        case
            when lot_key is not null and entry_type in ('opening', 'confirm') then 0
            else -points
        end as spent_points,
        cast(0 as bigint) as ended_through_points
    from entries
    union all
    select
        customer_id,
        pool_code,
        ends_on as happened_on,
        0 as pending_points,
        0 as points,
        0 as spent_points,
        through_points as ended_through_points
    from lots

),

days as (

    select
        customer_id,
        pool_code,
        happened_on,
        sum(pending_points) as pending_change,
        sum(points) as points_change,
        sum(spent_points) as spent_change,
        max(ended_through_points) as ended_through_points
    from happenings
    group by customer_id, pool_code, happened_on

),

-- The line ends only grow: the last ended lot of a day reaches furthest so far.
sums as (

    select
        customer_id,
        pool_code,
        happened_on,
        sum(pending_change) over account_days as pending_points,
        sum(points_change) over account_days as unexpired_points,
        max(ended_through_points) over account_days
        - sum(spent_change) over account_days as ended_unspent_points
    from days
    window account_days as (
        partition by customer_id, pool_code order by happened_on
    )

),

balances as (

    select
        customer_id,
        pool_code,
        happened_on,
        pending_points,
        greatest(max(ended_unspent_points) over account_days, 0) as expired_points,
        unexpired_points
        - greatest(max(ended_unspent_points) over account_days, 0) as balance_points
    from sums
    window account_days as (
        partition by customer_id, pool_code order by happened_on
    )

),

final as (

    select
        {{ bigint_key(['customer_id', 'pool_code', 'happened_on']) }}
            as account_day_key,
        customer_id,
        pool_code,
        happened_on,
        cast(pending_points as bigint) as pending_points,
        cast(greatest(balance_points, 0) as bigint) as available_points,
        cast(greatest(-balance_points, 0) as bigint) as debt_points,
        cast(expired_points as bigint) as expired_points,
        cast(
            greatest(balance_points, 0)
            - lag(greatest(balance_points, 0), 1, 0) over account_days as bigint
        ) as available_change,
        cast(
            greatest(-balance_points, 0)
            - lag(greatest(-balance_points, 0), 1, 0) over account_days as bigint
        ) as debt_change,
        cast(
            expired_points - lag(expired_points, 1, 0) over account_days as bigint
        ) as expired_change,
        lead(happened_on) over account_days as next_happened_on
    from balances
    window account_days as (
        partition by customer_id, pool_code order by happened_on
    )

)

select * from final
