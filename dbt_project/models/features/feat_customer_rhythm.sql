-- How a buyer buys, whatever the brand: windows, rhythm, breadth, discounts. One row
-- per base_date and customer who had bought by then.

with

scope as (

    select * from {{ ref('feat_scope') }}

),

customer_days as (

    select * from {{ ref('feat_customer_days') }}

),

category_months as (

    select * from {{ ref('feat_category_months') }}

),

seen as (

    select
        scope.base_date,
        customer_days.*,
        {{ dbt.datediff('customer_days.paid_on', 'scope.base_date', 'day') }}
            as days_ago,
        ln(cast(customer_days.gap_days as double precision)) as log_gap
    from scope
    inner join customer_days
        on
            scope.customer_id = customer_days.customer_id
            and scope.base_date >= customer_days.paid_on

),

summary as (

    select
        base_date,
        customer_id,
        min(days_ago) as days_since_last_purchase,
        max(days_ago) as days_since_first_purchase,
        count(*) filter (where days_ago < 7) as purchase_days_7d,
        count(*) filter (where days_ago < 14) as purchase_days_14d,
        count(*) filter (where days_ago < 60) as purchase_days_60d,
        count(*) filter (where days_ago < 90) as purchase_days_90d,
        count(*) filter (where days_ago < 180) as purchase_days_180d,
        count(*) filter (where days_ago < 365) as purchase_days_365d,
        coalesce(sum(goods_amount) filter (where days_ago < 90), 0)
            as goods_amount_90d,
        coalesce(sum(goods_amount) filter (where days_ago < 180), 0)
            as goods_amount_180d,
        coalesce(sum(goods_amount) filter (where days_ago < 365), 0)
            as goods_amount_365d,
        coalesce(sum(line_count) filter (where days_ago < 30), 0) as line_count_30d,
        coalesce(sum(line_count) filter (where days_ago < 90), 0) as line_count_90d,
        count(gap_days) as gap_count,
        cast(avg(gap_days) as numeric(18, 4)) as gap_days_mean,
        cast(stddev_samp(gap_days) as numeric(18, 4)) as gap_days_stddev,
        max(gap_days) as gap_days_max,
        cast(avg(log_gap) as numeric(18, 6)) as log_gap_mean,
        cast(var_pop(log_gap) as numeric(18, 6)) as log_gap_variance,
        sum(line_count) filter (where days_ago < 180) as line_count_180d,
        sum(discounted_line_count) filter (where days_ago < 180) as discounted_180d,
        sum(coupon_line_count) filter (where days_ago < 180) as coupon_180d,
        sum(online_line_count) filter (where days_ago < 180) as online_180d
    from seen
    group by base_date, customer_id

),

breadth as (

    select
        scope.base_date,
        scope.customer_id,
        count(distinct category_months.category) as category_count_90d
    from scope
    inner join category_months
        on
            scope.customer_id = category_months.customer_id
            and scope.base_date >= category_months.last_paid_on
            and {{ dbt.dateadd('day', -90, 'scope.base_date') }}
            < category_months.last_paid_on
    group by scope.base_date, scope.customer_id

),

final as (

    select
        summary.base_date,
        summary.customer_id,
        summary.days_since_first_purchase,
        summary.purchase_days_7d,
        summary.purchase_days_14d,
        summary.purchase_days_60d,
        summary.purchase_days_180d,
        summary.purchase_days_365d,
        summary.goods_amount_180d,
        summary.goods_amount_365d,
        summary.line_count_30d,
        summary.line_count_90d,
        summary.gap_count,
        summary.gap_days_mean,
        summary.gap_days_stddev,
        summary.gap_days_max,
        summary.log_gap_mean,
        summary.log_gap_variance,
        summary.gap_days_mean - summary.days_since_last_purchase as days_until_due,
        cast(summary.days_since_last_purchase as numeric(18, 4))
        / nullif(summary.gap_days_mean, 0) as overdue_rate,
        summary.goods_amount_90d / nullif(summary.purchase_days_90d, 0)
            as day_amount_90d,
        cast(summary.discounted_180d as numeric(18, 4)) / summary.line_count_180d
            as discounted_line_rate_180d,
        cast(summary.coupon_180d as numeric(18, 4)) / summary.line_count_180d
            as coupon_line_rate_180d,
        cast(summary.online_180d as numeric(18, 4)) / summary.line_count_180d
            as online_line_rate_180d,
        coalesce(breadth.category_count_90d, 0) as category_count_90d
    from summary
    left join breadth
        on
            summary.base_date = breadth.base_date
            and summary.customer_id = breadth.customer_id

)

select * from final
