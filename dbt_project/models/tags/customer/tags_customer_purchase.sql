-- Purchase tags. One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

purchases as (

    select * from {{ ref('int_purchases__customers') }}

),

rhythms as (

    select * from {{ ref('int_purchases__rhythm') }}

),

habits as (

    select * from {{ ref('int_purchases__habits') }}

),

cuts as (

    select * from {{ ref('tag_cuts') }}
    where
        cut_set in ('purchase_regularity', 'purchase_trend')
        and {{ as_of_date() }} between valid_from and valid_to

),

-- A product has one brand: the counts of the brands add up.
line_summary as (

    select
        customer_id,
        sum(line_count) as line_count_365d,
        cast(sum(product_count) as bigint) as product_count_365d
    from {{ ref('int_prices__brands') }}
    group by customer_id

),

final as (

    select
        customers.customer_id,
        coalesce(purchases.order_count, 0) as purchase_order_count,
        coalesce(purchases.order_count_30d, 0) as purchase_order_count_30d,
        coalesce(purchases.order_count_90d, 0) as purchase_order_count_90d,
        coalesce(purchases.order_count_365d, 0) as purchase_order_count_365d,
        cast(coalesce(purchases.net_amount, 0) as numeric(18, 2))
            as purchase_net_amount,
        cast(coalesce(purchases.net_amount_90d, 0) as numeric(18, 2))
            as purchase_net_amount_90d,
        cast(coalesce(purchases.net_amount_365d, 0) as numeric(18, 2))
            as purchase_net_amount_365d,
        cast(
            purchases.net_amount_365d / nullif(purchases.order_count_365d, 0)
            as numeric(18, 2)
        ) as purchase_ticket_amount_365d,
        cast(
            purchases.net_amount_365d / nullif(rhythms.day_count_365d, 0)
            as numeric(18, 2)
        ) as purchase_day_amount_365d,
        cast(purchases.max_net_amount_365d as numeric(18, 2))
            as purchase_max_order_amount_365d,
        cast(purchases.first_net_amount as numeric(18, 2))
            as purchase_first_order_amount,
        cast(purchases.last_net_amount as numeric(18, 2)) as purchase_last_order_amount,
        purchases.first_paid_on as purchase_first_on,
        {{ dbt.datediff('purchases.first_paid_on', 'purchases.second_paid_on', 'day') }}
            as purchase_days_to_second_order,
        {{ dbt.datediff('purchases.last_paid_on', as_of_date(), 'day') }}
            as purchase_days_since_last_order,
        coalesce(rhythms.day_count_365d, 0) as purchase_day_count_365d,
        coalesce(rhythms.month_count_365d, 0) as purchase_month_count_365d,
        -- This month is not over: a streak that reaches last month is unbroken.
        case
            when {{ dbt.datediff('rhythms.last_paid_on', as_of_date(), 'month') }} <= 1
                then rhythms.month_streak_count
            else 0
        end as purchase_month_streak_count,
        rhythms.gap_days as purchase_interval_days_365d,
        regularities.label as purchase_regularity_365d,
        cast(
            {{ dbt.dateadd('day', 'rhythms.gap_days', 'rhythms.last_paid_on') }} as date
        ) as purchase_next_expected_on,
        cast(
            purchases.net_amount_90d / nullif(purchases.net_amount_365d, 0)
            as numeric(9, 4)
        ) as purchase_recent_amount_rate_365d,
        case
            when purchases.net_amount_90d > 0 and purchases.net_amount_90d_before = 0
                then 'started'
            when purchases.net_amount_90d = 0 and purchases.net_amount_90d_before > 0
                then 'stopped'
            else trends.label
        end as purchase_trend_180d,
        coalesce(purchases.refunded_order_count_365d, 0)
            as purchase_refunded_order_count_365d,
        cast(
            purchases.refunded_amount_365d / nullif(purchases.goods_amount_365d, 0)
            as numeric(9, 4)
        ) as purchase_refund_amount_rate_365d,
        coalesce(line_summary.product_count_365d, 0) as purchase_product_count_365d,
        cast(
            line_summary.line_count_365d / nullif(purchases.order_count_365d, 0)
            as numeric(18, 2)
        ) as purchase_lines_per_order_365d,
        habits.main_daypart as purchase_main_daypart_365d,
        habits.main_weekday as purchase_main_weekday_365d,
        habits.peak_month as purchase_peak_month_365d,
        habits.day_off_rate as purchase_day_off_rate_365d
    from customers
    left join purchases on customers.customer_id = purchases.customer_id
    left join rhythms on customers.customer_id = rhythms.customer_id
    left join habits on customers.customer_id = habits.customer_id
    left join line_summary on customers.customer_id = line_summary.customer_id
    left join cuts as trends
        on
            trends.cut_set = 'purchase_trend'
            and purchases.net_amount_trend >= trends.from_value
            and (
                trends.to_value is null
                or purchases.net_amount_trend < trends.to_value
            )
    left join cuts as regularities
        on
            regularities.cut_set = 'purchase_regularity'
            and rhythms.gap_deviation >= regularities.from_value
            and (
                regularities.to_value is null
                or rhythms.gap_deviation < regularities.to_value
            )

)

select * from final
