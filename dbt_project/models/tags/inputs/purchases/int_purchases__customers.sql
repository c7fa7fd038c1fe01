-- Counts, amounts and dates of all purchases: the one scan that the purchase family
-- picks from. One row per customer with a purchase.
{{ config(materialized='incremental', incremental_strategy='due_customers') }}

with

purchases as not materialized (

    select * from {{ ref('int_purchases__orders') }}
    where {{ is_due('int_purchases__due') }}

),

-- The last purchase that was not sent back whole is the last one.
ordered_purchases as (

    select
        *,
        {{ dbt.datediff('paid_on', as_of_date(), 'day') }} as days_ago,
        row_number() over (
            partition by customer_id
            order by paid_at asc, parent_order_key asc
        ) as purchase_number,
        row_number() over (
            partition by customer_id, is_kept
            order by paid_at desc, parent_order_key desc
        ) as latest_number
    from purchases

),

purchase_summary as (

    select
        customer_id,
        count(*) as order_count,
        count(*) filter (where days_ago < 30) as order_count_30d,
        count(*) filter (where days_ago < 90) as order_count_90d,
        count(*) filter (where days_ago < 365) as order_count_365d,
        -- Refunds follow the order into its window: its net is never below zero.
        sum(net_amount) as net_amount,
        coalesce(sum(net_amount) filter (where days_ago < 90), 0) as net_amount_90d,
        coalesce(sum(net_amount) filter (
            where days_ago >= 90 and days_ago < 180
        ), 0) as net_amount_90d_before,
        coalesce(sum(net_amount) filter (where days_ago < 365), 0)
            as net_amount_365d,
        sum(goods_amount) filter (where days_ago < 365) as goods_amount_365d,
        sum(refunded_amount) filter (where days_ago < 365) as refunded_amount_365d,
        count(*) filter (where days_ago < 365 and refunded_amount > 0)
            as refunded_order_count_365d,
        max(net_amount) filter (where days_ago < 365) as max_net_amount_365d,
        min(paid_on) as first_paid_on,
        min(net_amount) filter (where purchase_number = 1) as first_net_amount,
        min(paid_on) filter (where purchase_number = 2) as second_paid_on,
        max(paid_on) filter (where is_kept) as last_paid_on,
        min(net_amount) filter (where is_kept and latest_number = 1)
            as last_net_amount
    from ordered_purchases
    group by customer_id

),

final as (

    select
        *,
        round(net_amount_90d / nullif(net_amount_90d_before, 0), 4) as net_amount_trend
    from purchase_summary

)

select * from final
