-- The ledger of points: what happened, and what follows from it. One row per entry; a
-- lot's end, a debt and its repayment are one per account and day. Per account the sum
-- of points is what can be spent, of debt_points what is owed, of pending_points what
-- waits. A view: its parts are tables, and most readers want one account of it.
{{ config(materialized='view', post_hook=[]) }}

with

entries as (

    select * from {{ ref('fct_points_entries') }}

),

days as (

    select * from {{ ref('fct_points_days') }}

),

final as (

    select
        entry_key,
        customer_id,
        pool_code,
        channel_code,
        shop_code,
        entry_type,
        effective_on,
        pending_points,
        points,
        cast(0 as bigint) as debt_points,
        order_key,
        lot_key
    from entries
    union all
    select
        {{ bigint_key(["'expire'", 'account_day_key']) }} as entry_key,
        customer_id,
        pool_code,
        cast(null as {{ dbt.type_string() }}) as channel_code,
        cast(null as {{ dbt.type_string() }}) as shop_code,
        'expire' as entry_type,
        happened_on as effective_on,
        0 as pending_points,
        -expired_change as points,
        0 as debt_points,
        cast(null as bigint) as order_key,
        cast(null as bigint) as lot_key
    from days
    where expired_change > 0
    union all
    select
        {{ bigint_key(["'debt'", 'account_day_key']) }} as entry_key,
        customer_id,
        pool_code,
        cast(null as {{ dbt.type_string() }}) as channel_code,
        cast(null as {{ dbt.type_string() }}) as shop_code,
        case when debt_change > 0 then 'debt' else 'repay' end as entry_type,
        happened_on as effective_on,
        0 as pending_points,
        debt_change as points,
        debt_change as debt_points,
        cast(null as bigint) as order_key,
        cast(null as bigint) as lot_key
    from days
    where debt_change <> 0

)

select * from final
