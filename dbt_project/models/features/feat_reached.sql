-- What was known at base_date about anybody ever reached: buyers, members who never
-- bought, visitors and devices that only saw an advert. One row per base_date and
-- customer with a purchase or any other sign by then.

with

scope as (

    select * from {{ ref('feat_scope') }}

),

sign_days as (

    select * from {{ ref('feat_sign_days') }}

),

buyers as (

    select * from {{ ref('feat_customer') }}

),

rhythms as (

    select * from {{ ref('feat_customer_rhythm') }}

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
        sign_days.*,
        {{ dbt.datediff('sign_days.happened_on', 'scope.base_date', 'day') }}
            as days_ago
    from scope
    inner join sign_days
        on
            scope.customer_id = sign_days.customer_id
            and scope.base_date >= sign_days.happened_on

),

signs as (

    select
        base_date,
        customer_id,
        min(days_ago) as days_since_last_sign,
        max(days_ago) as days_since_first_sign,
        min(days_ago) filter (where event_count > 0) as days_since_last_visit,
        count(*) filter (where event_count > 0 and days_ago < 90)
            as visit_days_90d,
        sum(view_count) filter (where days_ago < 90) as view_count_90d,
        sum(cart_count) filter (where days_ago < 90) as cart_count_90d,
        sum(check_in_count) filter (where days_ago < 90) as check_in_count_90d,
        sum(share_count) filter (where days_ago < 90) as share_count_90d,
        sum(coupon_claim_count) filter (where days_ago < 90)
            as coupon_claim_count_90d,
        sum(touch_count) filter (where days_ago < 90) as touch_count_90d,
        sum(touch_click_count) filter (where days_ago < 90) as touch_click_count_90d,
        sum(advert_view_count) filter (where days_ago < 90) as advert_view_count_90d,
        sum(advert_click_count) as advert_click_count,
        sum(content_count) filter (where days_ago < 90) as content_count_90d,
        sum(lead_count) as lead_count,
        sum(guide_count) as guide_count
    from seen
    group by base_date, customer_id

),

final as (

    select
        scope.base_date,
        scope.customer_id,
        buyers.customer_id is not null as has_bought,
        buyers.days_since_last_purchase,
        rhythms.days_since_first_purchase,
        coalesce(buyers.purchase_days, 0) as purchase_days,
        coalesce(buyers.purchase_days_30d, 0) as purchase_days_30d,
        coalesce(buyers.purchase_days_90d, 0) as purchase_days_90d,
        coalesce(buyers.goods_amount_30d, 0) as goods_amount_30d,
        coalesce(buyers.goods_amount_90d, 0) as goods_amount_90d,
        coalesce(rhythms.goods_amount_365d, 0) as goods_amount_365d,
        coalesce(rhythms.category_count_90d, 0) as category_count_90d,
        rhythms.day_amount_90d,
        signs.days_since_last_sign,
        signs.days_since_first_sign,
        signs.days_since_last_visit,
        coalesce(signs.visit_days_90d, 0) as visit_days_90d,
        coalesce(signs.view_count_90d, 0) as view_count_90d,
        coalesce(signs.cart_count_90d, 0) as cart_count_90d,
        coalesce(signs.check_in_count_90d, 0) as check_in_count_90d,
        coalesce(signs.share_count_90d, 0) as share_count_90d,
        coalesce(signs.coupon_claim_count_90d, 0) as coupon_claim_count_90d,
        coalesce(signs.touch_count_90d, 0) as touch_count_90d,
        coalesce(signs.touch_click_count_90d, 0) as touch_click_count_90d,
        coalesce(signs.advert_view_count_90d, 0) as advert_view_count_90d,
        coalesce(signs.advert_click_count, 0) as advert_click_count,
        coalesce(signs.content_count_90d, 0) as content_count_90d,
        coalesce(signs.lead_count, 0) as lead_count,
        coalesce(signs.guide_count, 0) as guide_count,
        coalesce(customers.joined_on <= scope.base_date, false) as is_member,
        case when customers.joined_on <= scope.base_date then customers.gender end
            as gender,
        case
            when customers.joined_on <= scope.base_date
                then {{ dbt.datediff(
                    'customers.birthday', 'scope.base_date', 'year'
                ) }}
        end as age_years
    from scope
    inner join customers on scope.customer_id = customers.customer_id
    left join buyers
        on
            scope.base_date = buyers.base_date
            and scope.customer_id = buyers.customer_id
    left join rhythms
        on
            scope.base_date = rhythms.base_date
            and scope.customer_id = rhythms.customer_id
    left join signs
        on
            scope.base_date = signs.base_date
            and scope.customer_id = signs.customer_id
    where buyers.customer_id is not null or signs.customer_id is not null

)

select * from final
