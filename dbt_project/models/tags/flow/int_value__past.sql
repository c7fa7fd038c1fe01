-- The value tier of earlier days, recomputed from what is known today: orders by then
-- less their refunds, by the cuts of then. One row per day of int_flow__periods and
-- customer who had ordered. Read once, when the history of states begins.
{{ config(materialized='view') }}

with

past_days as (

    select distinct from_on as as_of_on
    from {{ ref('int_flow__periods') }}

),

order_days as (

    select
        customer_id,
        paid_on,
        sum(net_amount) as net_amount,
        count(*) as order_count,
        max(paid_on) filter (where is_kept) as kept_on
    from {{ ref('int_purchases__orders') }}
    group by customer_id, paid_on

),

buyers as (

    select
        customer_id,
        min(paid_on) as first_paid_on
    from order_days
    group by customer_id

),

cuts as (

    select * from {{ ref('tag_cuts') }}

),

-- Orders and questions on one line of time: each question sees the year before it.
steps as (

    select
        customer_id,
        paid_on as step_on,
        net_amount,
        order_count,
        kept_on,
        cast(null as date) as as_of_on
    from order_days
    union all
    select
        buyers.customer_id,
        past_days.as_of_on as step_on,
        0 as net_amount,
        0 as order_count,
        null as kept_on,
        past_days.as_of_on
    from buyers
    inner join past_days on buyers.first_paid_on <= past_days.as_of_on

),

running as (

    select
        customer_id,
        as_of_on,
        coalesce(sum(net_amount) over last_year, 0) as net_amount_365d,
        coalesce(sum(order_count) over last_year, 0) as order_count_365d,
        coalesce(
            {{ dbt.datediff('max(kept_on) over so_far', 'as_of_on', 'day') }}, 99999
        ) as days_since_last_order
    from steps
    window
        last_year as (
            partition by customer_id
            order by step_on
            range between interval '364 days' preceding and current row
        ),
        so_far as (partition by customer_id order by step_on)

),

pointed as (

    select
        running.customer_id,
        running.as_of_on,
        sum(cast(cuts.label as integer)) as value_points
    from running
    inner join cuts
        on
            running.as_of_on between cuts.valid_from and cuts.valid_to
            and case cuts.cut_set
                when 'value_points_spend' then running.net_amount_365d
                when 'value_points_frequency' then running.order_count_365d
                when 'value_points_recency' then running.days_since_last_order
            end >= cuts.from_value
            and (
                cuts.to_value is null
                or case cuts.cut_set
                    when 'value_points_spend' then running.net_amount_365d
                    when 'value_points_frequency' then running.order_count_365d
                    when 'value_points_recency' then running.days_since_last_order
                end < cuts.to_value
            )
    group by running.customer_id, running.as_of_on

),

final as (

    select
        pointed.customer_id,
        pointed.as_of_on,
        cuts.label as value_tier
    from pointed
    inner join cuts
        on
            cuts.cut_set = 'value_tier'
            and pointed.as_of_on between cuts.valid_from and cuts.valid_to
            and pointed.value_points >= cuts.from_value
            and (cuts.to_value is null or pointed.value_points < cuts.to_value)

)

select * from final
