-- What sets one customer apart from another, as numbers and names. One row per customer
-- of the scoring day who had bought by then: base_date is that day only, resemblance is
-- asked of today. What they bought where is in feat_lookalike_traits.

with

base_dates as (

    select * from {{ ref('feat_base_dates') }}
    where is_scoring

),

customers as (

    select * from {{ ref('feat_customer') }}

),

purchase_days as (

    select * from {{ ref('feat_purchase_days') }}

),

tiers as (

    select * from {{ ref('fct_member_tiers') }}

),

touches as (

    select * from {{ ref('fct_touches') }}
    where status = 'delivered'

),

year_of_purchases as (

    select
        purchase_days.customer_id,
        sum(purchase_days.goods_amount) as goods_amount,
        count(distinct purchase_days.paid_on) as purchase_days,
        count(distinct purchase_days.brand_code) as brand_count,
        sum(purchase_days.line_count) as line_count,
        sum(purchase_days.list_amount) as list_amount,
        sum(purchase_days.discounted_line_count) as discounted_line_count,
        sum(purchase_days.coupon_line_count) as coupon_line_count,
        sum(purchase_days.online_line_count) as online_line_count
    from base_dates
    inner join purchase_days
        on
            base_dates.base_date >= purchase_days.paid_on
            and {{ dbt.dateadd('day', -365, 'base_dates.base_date') }}
            < purchase_days.paid_on
    group by purchase_days.customer_id

),

tiers_by_then as (

    select
        tiers.customer_id,
        tiers.tier,
        row_number() over (
            partition by tiers.customer_id order by tiers.from_on desc
        ) as tiers_back
    from base_dates
    inner join tiers
        on base_dates.base_date >= tiers.from_on

),

year_of_touches as (

    select
        touches.customer_id,
        count(*) as touch_count,
        count(distinct touches.campaign_code) as campaign_count
    from base_dates
    inner join touches
        on
            base_dates.base_date >= touches.sent_on
            and {{ dbt.dateadd('day', -365, 'base_dates.base_date') }} < touches.sent_on
    group by touches.customer_id

),

final as (

    select
        customers.base_date,
        customers.customer_id,
        customers.gender,
        customers.age_years,
        customers.is_member,
        tiers_by_then.tier as member_tier,
        customers.days_since_last_purchase,
        customers.purchase_days,
        customers.purchase_days_30d,
        customers.purchase_days_90d,
        customers.goods_amount_30d,
        customers.goods_amount_90d,
        customers.event_active_days_30d,
        customers.event_view_count_30d,
        customers.event_cart_count_30d,
        customers.coupon_used_count_90d,
        customers.refund_count_90d,
        coalesce(year_of_purchases.purchase_days, 0) as purchase_days_365d,
        coalesce(year_of_purchases.goods_amount, 0) as goods_amount_365d,
        coalesce(year_of_purchases.brand_count, 0) as brand_count_365d,
        coalesce(year_of_purchases.line_count, 0) as line_count_365d,
        cast(year_of_purchases.discounted_line_count as numeric(18, 4))
        / year_of_purchases.line_count as discounted_line_rate_365d,
        cast(year_of_purchases.coupon_line_count as numeric(18, 4))
        / year_of_purchases.line_count as coupon_line_rate_365d,
        cast(year_of_purchases.online_line_count as numeric(18, 4))
        / year_of_purchases.line_count as online_line_rate_365d,
        1 - year_of_purchases.goods_amount / nullif(year_of_purchases.list_amount, 0)
            as discount_rate_365d,
        coalesce(year_of_touches.touch_count, 0) as touch_count_365d,
        coalesce(year_of_touches.campaign_count, 0) as campaign_count_365d
    from base_dates
    inner join customers
        on base_dates.base_date = customers.base_date
    left join year_of_purchases
        on customers.customer_id = year_of_purchases.customer_id
    left join tiers_by_then
        on
            customers.customer_id = tiers_by_then.customer_id
            and tiers_by_then.tiers_back = 1
    left join year_of_touches
        on customers.customer_id = year_of_touches.customer_id

)

select * from final
