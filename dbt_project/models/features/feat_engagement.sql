-- What a customer did beside buying in the 90 days up to base_date: visits, carts,
-- coupons used, refunds completed, messages received. One row per base_date and
-- customer with any of them; a refund counts from the day it was completed.

with

scope as (

    select * from {{ ref('feat_scope') }}

),

daily as (

    select * from {{ ref('feat_sign_days') }}

),

recent as (

    select
        scope.base_date,
        daily.*,
        daily.happened_on > {{ dbt.dateadd('day', -30, 'scope.base_date') }}
            as is_within_30d
    from scope
    inner join daily
        on
            scope.customer_id = daily.customer_id
            and scope.base_date >= daily.happened_on
            and {{ dbt.dateadd('day', -90, 'scope.base_date') }} < daily.happened_on

),

final as (

    select
        base_date,
        customer_id,
        count(*) filter (where event_count > 0 and is_within_30d)
            as event_active_days_30d,
        coalesce(sum(view_count) filter (where is_within_30d), 0)
            as event_view_count_30d,
        coalesce(sum(cart_count) filter (where is_within_30d), 0)
            as event_cart_count_30d,
        coalesce(sum(touch_count) filter (where is_within_30d), 0) as touch_count_30d,
        sum(coupon_use_count) as coupon_used_count_90d,
        sum(refund_count) as refund_count_90d
    from recent
    group by base_date, customer_id

)

select * from final
