-- Purchases per channel and what kind of channel it is. One row per customer and
-- channel bought in.
{{ config(materialized='incremental', incremental_strategy='due_customers') }}

with

purchases as not materialized (

    select * from {{ ref('int_purchases__orders') }}
    where {{ is_due('int_purchases__due') }}

),

kinds as (

    select * from {{ ref('channel_kinds') }}

),

channel_summary as (

    select
        customer_id,
        channel_code,
        count(*) filter (
            where paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
        ) as order_count_365d,
        cast(coalesce(sum(net_amount) filter (
            where paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
        ), 0) as numeric(18, 2)) as net_amount_365d,
        min(paid_at) as first_paid_at,
        min(paid_on) as first_paid_on,
        max(paid_at) as last_paid_at,
        max(paid_on) filter (where is_kept) as last_paid_on
    from purchases
    group by customer_id, channel_code

),

final as (

    select
        channel_summary.*,
        kinds.side,
        kinds.domain,
        row_number() over (
            partition by channel_summary.customer_id
            order by
                channel_summary.first_paid_at asc,
                channel_summary.channel_code asc
        ) as first_number,
        row_number() over (
            partition by channel_summary.customer_id
            order by
                channel_summary.last_paid_at desc,
                channel_summary.channel_code asc
        ) as last_number,
        -- The main channel: most spent in a year, else the one bought in last.
        row_number() over (
            partition by channel_summary.customer_id
            order by
                channel_summary.net_amount_365d desc,
                channel_summary.last_paid_at desc,
                channel_summary.channel_code asc
        ) as spend_number
    from channel_summary
    left join kinds on channel_summary.channel_code = kinds.channel_code

)

select * from final
