-- What a customer did beside buying in the 90 days up to base_date: visits, carts,
-- coupons used, refunds completed, messages received. One row per base_date and
-- customer with any of them; a refund counts from the day it was completed.

with

scope as (

    select * from {{ ref('feat_scope') }}

),

events as (

    select
        customer_id,
        occurred_on as happened_on,
        event_type as sign
    from {{ ref('fct_events') }}

),

coupons as (

    select
        customer_id,
        occurred_on as happened_on,
        'coupon' as sign
    from {{ ref('fct_coupons') }}
    where action = 'use'

),

refunds as (

    select
        customer_id,
        completed_on as happened_on,
        'refund' as sign
    from {{ ref('fct_refunds') }}
    where completed_on is not null

),

touches as (

    select
        customer_id,
        sent_on as happened_on,
        'touch' as sign
    from {{ ref('fct_touches') }}
    where status = 'delivered'

),

signs as (

    select * from events
    union all
    select * from coupons
    union all
    select * from refunds
    union all
    select * from touches

),

daily as (

    select
        customer_id,
        happened_on,
        count(*) filter (where sign in ('page_view', 'product_view', 'search'))
            as view_count,
        count(*) filter (where sign = 'add_to_cart') as cart_count,
        count(*) filter (where sign = 'coupon') as coupon_count,
        count(*) filter (where sign = 'refund') as refund_count,
        count(*) filter (where sign = 'touch') as touch_count,
        count(*) filter (where sign not in ('coupon', 'refund', 'touch', 'join'))
            as event_count
    from signs
    where customer_id is not null
    group by customer_id, happened_on

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
        sum(coupon_count) as coupon_used_count_90d,
        sum(refund_count) as refund_count_90d
    from recent
    group by base_date, customer_id

)

select * from final
