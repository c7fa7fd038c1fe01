-- What was known at base_date about a buyer, whatever the brand. One row per base_date
-- and customer who had bought by then; employees are left out of features, hence of
-- training, scoring and figures.
-- Profile counts from the day the person joined, and is limited to what does not change
-- (gender, birthday): what a later form filled in must not be known earlier.

with

scope as (

    select * from {{ ref('feat_scope') }}

),

customer_days as (

    select * from {{ ref('feat_customer_days') }}

),

engagement as (

    select * from {{ ref('feat_engagement') }}

),

customers as (

    select
        customer_id,
        gender,
        birthday,
        {{ local_date('joined_at') }} as joined_on
    from {{ ref('dim_customers') }}

),

seen as (

    select
        scope.base_date,
        customer_days.customer_id,
        customer_days.goods_amount,
        {{ dbt.datediff('customer_days.paid_on', 'scope.base_date', 'day') }}
            as days_ago
    from scope
    inner join customer_days
        on
            scope.customer_id = customer_days.customer_id
            and scope.base_date >= customer_days.paid_on

),

purchases as (

    select
        base_date,
        customer_id,
        min(days_ago) as days_since_last_purchase,
        count(*) as purchase_days,
        count(*) filter (where days_ago < 30) as purchase_days_30d,
        count(*) filter (where days_ago < 90) as purchase_days_90d,
        coalesce(sum(goods_amount) filter (where days_ago < 30), 0)
            as goods_amount_30d,
        coalesce(sum(goods_amount) filter (where days_ago < 90), 0)
            as goods_amount_90d
    from seen
    group by base_date, customer_id

),

final as (

    select
        purchases.base_date,
        purchases.customer_id,
        purchases.days_since_last_purchase,
        purchases.purchase_days,
        purchases.purchase_days_30d,
        purchases.purchase_days_90d,
        purchases.goods_amount_30d,
        purchases.goods_amount_90d,
        coalesce(engagement.event_active_days_30d, 0) as event_active_days_30d,
        coalesce(engagement.event_view_count_30d, 0) as event_view_count_30d,
        coalesce(engagement.event_cart_count_30d, 0) as event_cart_count_30d,
        coalesce(engagement.touch_count_30d, 0) as touch_count_30d,
        coalesce(engagement.coupon_used_count_90d, 0) as coupon_used_count_90d,
        coalesce(engagement.refund_count_90d, 0) as refund_count_90d,
        coalesce(customers.joined_on <= purchases.base_date, false) as is_member,
        case
            when customers.joined_on <= purchases.base_date then customers.gender
        end as gender,
        case
            when customers.joined_on <= purchases.base_date
                then {{ dbt.datediff(
                    'customers.birthday', 'purchases.base_date', 'year'
                ) }}
        end as age_years
    from purchases
    inner join customers
        on purchases.customer_id = customers.customer_id
    left join engagement
        on
            purchases.base_date = engagement.base_date
            and purchases.customer_id = engagement.customer_id

)

select * from final
