-- What each customer did beside buying, day by day; the only feature model that scans
-- events, messages, adverts and contacts. One row per customer and day with any sign. A
-- refund counts from the day it was completed, a click from the day it was clicked.

with

signs as (

    select
        customer_id,
        occurred_on as happened_on,
        event_type as sign
    from {{ ref('fct_events') }}

    union all

    select
        customer_id,
        occurred_on as happened_on,
        'coupon/' || action as sign
    from {{ ref('fct_coupons') }}

    union all

    select
        customer_id,
        completed_on as happened_on,
        'refund/done' as sign
    from {{ ref('fct_refunds') }}
    where completed_on is not null

    union all

    select
        customer_id,
        sent_on as happened_on,
        'touch/sent' as sign
    from {{ ref('fct_touches') }}
    where status = 'delivered'

    union all

    select
        customer_id,
        {{ local_date('clicked_at') }} as happened_on,
        'touch/click' as sign
    from {{ ref('fct_touches') }}
    where clicked_at is not null

    union all

    select
        customer_id,
        occurred_on as happened_on,
        'advert/' || action as sign
    from {{ ref('fct_ad_exposures') }}

    union all

    select
        customer_id,
        occurred_on as happened_on,
        'content/any' as sign
    from {{ ref('fct_interactions') }}

    union all

    select
        customer_id,
        submitted_on as happened_on,
        'lead/sent' as sign
    from {{ ref('fct_leads') }}

    union all

    select
        customer_id,
        added_on as happened_on,
        'guide/added' as sign
    from {{ ref('fct_guide_contacts') }}

),

final as (

    select
        customer_id,
        happened_on,
        count(*) filter (where sign in ('page_view', 'product_view', 'search'))
            as view_count,
        count(*) filter (where sign = 'add_to_cart') as cart_count,
        count(*) filter (where sign = 'check_in') as check_in_count,
        count(*) filter (where sign in ('share', 'share_open')) as share_count,
        count(*) filter (where sign = 'join') as join_count,
        count(*) filter (where sign = 'coupon/claim') as coupon_claim_count,
        count(*) filter (where sign = 'coupon/use') as coupon_use_count,
        count(*) filter (where sign = 'refund/done') as refund_count,
        count(*) filter (where sign = 'touch/sent') as touch_count,
        count(*) filter (where sign = 'touch/click') as touch_click_count,
        count(*) filter (where sign = 'advert/impression') as advert_view_count,
        count(*) filter (where sign = 'advert/click') as advert_click_count,
        count(*) filter (where sign = 'content/any') as content_count,
        count(*) filter (where sign = 'lead/sent') as lead_count,
        count(*) filter (where sign = 'guide/added') as guide_count,
        -- Visits to the brand's own places: all other signs have a slash.
        count(*) filter (where sign <> 'join' and sign not like '%/%') as event_count
    from signs
    where customer_id is not null and happened_on is not null
    group by customer_id, happened_on

)

select * from final
