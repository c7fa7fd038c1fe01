-- What was known at base_date about a customer's buying of one brand. One row per
-- base_date, customer and brand bought by then; employees are left out.

with

scope as (

    select * from {{ ref('feat_scope') }}

),

purchase_days as (

    select * from {{ ref('feat_purchase_days') }}

),

customers as (

    select * from {{ ref('feat_customer') }}

),

seen as (

    select
        scope.base_date,
        purchase_days.*,
        {{ dbt.datediff('purchase_days.paid_on', 'scope.base_date', 'day') }}
            as days_ago
    from scope
    inner join purchase_days
        on
            scope.customer_id = purchase_days.customer_id
            and scope.base_date >= purchase_days.paid_on

),

summary as (

    select
        base_date,
        customer_id,
        brand_code,
        min(days_ago) as days_since_last_purchase,
        max(days_ago) as days_since_first_purchase,
        count(*) as purchase_days,
        count(*) filter (where days_ago < 30) as purchase_days_30d,
        count(*) filter (where days_ago < 60) as purchase_days_60d,
        count(*) filter (where days_ago < 90) as purchase_days_90d,
        count(*) filter (where days_ago < 180) as purchase_days_180d,
        count(*) filter (where days_ago < 365) as purchase_days_365d,
        count(*) filter (where is_first_of_month and days_ago < 365)
            as purchase_months_365d,
        sum(goods_amount) as goods_amount,
        coalesce(sum(goods_amount) filter (where days_ago < 30), 0)
            as goods_amount_30d,
        coalesce(sum(goods_amount) filter (where days_ago < 90), 0)
            as goods_amount_90d,
        coalesce(sum(goods_amount) filter (where days_ago < 365), 0)
            as goods_amount_365d,
        sum(line_count) as line_count,
        coalesce(sum(line_count) filter (where days_ago < 90), 0) as line_count_90d,
        coalesce(sum(quantity) filter (where days_ago < 90), 0) as quantity_90d,
        cast(avg(gap_days) as numeric(18, 4)) as gap_days_mean,
        cast(stddev_samp(gap_days) as numeric(18, 4)) as gap_days_stddev,
        -- Shares over 180 days: a brand bought each quarter still has some purchases.
        sum(line_count) filter (where days_ago < 180) as line_count_180d,
        sum(list_amount) filter (where days_ago < 180) as list_amount_180d,
        sum(goods_amount) filter (where days_ago < 180) as goods_amount_180d,
        sum(discounted_line_count) filter (where days_ago < 180) as discounted_180d,
        sum(coupon_line_count) filter (where days_ago < 180) as coupon_180d,
        sum(online_line_count) filter (where days_ago < 180) as online_180d
    from seen
    group by base_date, customer_id, brand_code

),

final as (

    select
        summary.base_date,
        summary.customer_id,
        summary.brand_code,
        summary.days_since_last_purchase,
        summary.days_since_first_purchase,
        summary.purchase_days,
        summary.purchase_days_30d,
        summary.purchase_days_60d,
        summary.purchase_days_90d,
        summary.purchase_days_180d,
        summary.purchase_days_365d,
        summary.purchase_months_365d,
        summary.goods_amount,
        summary.goods_amount_30d,
        summary.goods_amount_90d,
        summary.goods_amount_365d,
        summary.line_count,
        summary.line_count_90d,
        summary.quantity_90d,
        summary.gap_days_mean,
        summary.gap_days_stddev,
        summary.gap_days_mean - summary.days_since_last_purchase as days_until_due,
        cast(summary.discounted_180d as numeric(18, 4)) / summary.line_count_180d
            as discounted_line_rate_180d,
        cast(summary.coupon_180d as numeric(18, 4)) / summary.line_count_180d
            as coupon_line_rate_180d,
        cast(summary.online_180d as numeric(18, 4)) / summary.line_count_180d
            as online_line_rate_180d,
        1 - summary.goods_amount_180d / nullif(summary.list_amount_180d, 0)
            as discount_rate_180d,
        cast(summary.purchase_days as numeric(18, 4)) / customers.purchase_days
            as brand_day_share,
        summary.goods_amount_90d / nullif(customers.goods_amount_90d, 0)
            as brand_amount_share_90d,
        sum(case when summary.purchase_days_90d > 0 then 1 else 0 end) over (
            partition by summary.base_date, summary.customer_id
        ) as brand_count_90d,
        customers.days_since_last_purchase as any_days_since_last_purchase,
        customers.purchase_days_30d as any_purchase_days_30d,
        customers.purchase_days_90d as any_purchase_days_90d,
        customers.goods_amount_30d as any_goods_amount_30d,
        customers.goods_amount_90d as any_goods_amount_90d,
        customers.event_active_days_30d,
        customers.event_view_count_30d,
        customers.event_cart_count_30d,
        customers.touch_count_30d,
        customers.coupon_used_count_90d,
        customers.refund_count_90d,
        customers.is_member,
        customers.gender,
        customers.age_years
    from summary
    inner join customers
        on
            summary.base_date = customers.base_date
            and summary.customer_id = customers.customer_id

)

select * from final
