-- Purchases per store, and which store is the customer's home store. One row per
-- customer and store bought in.
{{ config(materialized='incremental', incremental_strategy='due_customers') }}

with

purchases as (

    select * from {{ ref('int_purchases__orders') }}
    where
        store_code is not null
        and {{ is_due('int_purchases__due') }}

),

store_summary as (

    select
        customer_id,
        store_code,
        count(*) filter (
            where paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
        ) as order_count_365d,
        count(*) filter (
            where
            is_guided
            and paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
        ) as guided_order_count_365d,
        cast(coalesce(sum(net_amount) filter (
            where paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
        ), 0) as numeric(18, 2)) as net_amount_365d,
        max(paid_at) as last_paid_at,
        max(paid_on) filter (where is_kept) as last_paid_on
    from purchases
    group by customer_id, store_code

),

final as (

    select
        *,
        -- Most visited in a year; who has not come for a year: the last store.
        row_number() over (
            partition by customer_id
            order by
                order_count_365d desc,
                net_amount_365d desc,
                last_paid_at desc,
                store_code asc
        ) = 1 as is_home_store
    from store_summary

)

select * from final
