-- How often and how much a customer has bought by base_date, whatever the brand: the
-- inputs of ml.cltv and ml.purchase_time. One row per base_date and customer who had
-- bought by then; employees are left out.

with

scope as (

    select * from {{ ref('feat_scope') }}

),

customer_days as (

    select * from {{ ref('feat_customer_days') }}

),

customers as (

    select * from {{ ref('feat_customer') }}

),

seen as (

    select
        scope.base_date,
        customer_days.*,
        {{ dbt.datediff('customer_days.paid_on', 'scope.base_date', 'day') }}
            as days_ago
    from scope
    inner join customer_days
        on
            scope.customer_id = customer_days.customer_id
            and scope.base_date >= customer_days.paid_on

),

rhythm as (

    select
        base_date,
        customer_id,
        min(days_ago) as days_since_last_purchase,
        max(days_ago) as days_since_first_purchase,
        count(*) as purchase_days,
        count(*) filter (where days_ago < 7) as purchase_days_7d,
        count(*) filter (where days_ago < 14) as purchase_days_14d,
        count(*) filter (where days_ago < 30) as purchase_days_30d,
        count(*) filter (where days_ago < 60) as purchase_days_60d,
        count(*) filter (where days_ago < 90) as purchase_days_90d,
        count(*) filter (where days_ago < 180) as purchase_days_180d,
        avg(gap_days) as gap_days_mean,
        stddev_samp(gap_days) as gap_days_stddev,
        percentile_cont(0.5) within group (order by gap_days) as gap_days_median,
        max(gap_days) as gap_days_max,
        sum(goods_amount) as goods_amount,
        -- The first purchase is a customer's beginning, not a repetition.
        coalesce(sum(goods_amount) filter (where gap_days is not null), 0)
            as repeat_amount,
        coalesce(sum(goods_amount) filter (where days_ago < 30), 0)
            as goods_amount_30d,
        coalesce(sum(goods_amount) filter (where days_ago < 90), 0)
            as goods_amount_90d,
        coalesce(sum(goods_amount) filter (where days_ago < 180), 0)
            as goods_amount_180d,
        max(goods_amount) as day_amount_max,
        sum(line_count) as line_count,
        sum(discounted_line_count) as discounted_line_count,
        sum(online_line_count) as online_line_count
    from seen
    group by base_date, customer_id

),

final as (

    select
        rhythm.base_date,
        rhythm.customer_id,
        rhythm.days_since_last_purchase,
        rhythm.days_since_first_purchase,
        rhythm.purchase_days,
        rhythm.purchase_days_7d,
        rhythm.purchase_days_14d,
        rhythm.purchase_days_30d,
        rhythm.purchase_days_60d,
        rhythm.purchase_days_90d,
        rhythm.purchase_days_180d,
        rhythm.gap_days_mean,
        rhythm.gap_days_stddev,
        rhythm.gap_days_median,
        rhythm.gap_days_max,
        rhythm.gap_days_median - rhythm.days_since_last_purchase as days_until_due,
        rhythm.goods_amount,
        rhythm.repeat_amount,
        rhythm.goods_amount_30d,
        rhythm.goods_amount_90d,
        rhythm.goods_amount_180d,
        rhythm.day_amount_max,
        1.0 * rhythm.line_count / rhythm.purchase_days as lines_per_day,
        1.0 * rhythm.discounted_line_count / rhythm.line_count
            as discounted_line_rate,
        1.0 * rhythm.online_line_count / rhythm.line_count as online_line_rate,
        customers.event_active_days_30d,
        customers.event_view_count_30d,
        customers.event_cart_count_30d,
        customers.touch_count_30d,
        customers.coupon_used_count_90d,
        customers.refund_count_90d,
        customers.is_member,
        customers.age_years
    from rhythm
    inner join customers
        on
            rhythm.base_date = customers.base_date
            and rhythm.customer_id = customers.customer_id

)

select * from final
