-- What customers saw, did, asked, bought and told others, as the signals that the AIPL
-- and 5A stages are made of (seed stage_signals). One row per customer, signal, brand
-- of its product (null when about none) and day.
{{ config(materialized='incremental', incremental_strategy='due_customers') }}

with

products as (

    select * from {{ ref('dim_products') }}

),

wanted as (

    select distinct signal_code from {{ ref('stage_signals') }}

),

ratings as (

    select * from {{ ref('tag_cuts') }}
    where
        cut_set = 'review_rating'
        and {{ as_of_date() }} between valid_from and valid_to

),

signals as (

    select
        customer_id,
        'ad_' || action as signal_code,
        cast(null as bigint) as product_key,
        cast(null as text) as brand_code,
        occurred_on
    from {{ ref('fct_ad_exposures') }}
    union all
    select
        customer_id,
        'touch_click' as signal_code,
        null as product_key,
        null as brand_code,
        {{ local_date('clicked_at') }} as occurred_on
    from {{ ref('fct_touches') }}
    where clicked_at is not null
    union all
    select
        customer_id,
        'content_' || interaction_type as signal_code,
        product_key,
        null as brand_code,
        occurred_on
    from {{ ref('fct_interactions') }}
    union all
    select
        customer_id,
        'event_' || event_type as signal_code,
        product_key,
        null as brand_code,
        occurred_on
    from {{ ref('fct_events') }}
    union all
    select
        customer_id,
        'lead' as signal_code,
        null as product_key,
        null as brand_code,
        submitted_on as occurred_on
    from {{ ref('fct_leads') }}
    where status <> 'invalid'
    union all
    select
        customer_id,
        'case_' || case_type as signal_code,
        product_key,
        null as brand_code,
        opened_on as occurred_on
    from {{ ref('fct_service_cases') }}
    union all
    select
        reviews.customer_id,
        'review_' || ratings.label as signal_code,
        reviews.product_key,
        null as brand_code,
        reviews.reviewed_on as occurred_on
    from {{ ref('fct_reviews') }} as reviews
    inner join ratings
        on
            reviews.rating >= ratings.from_value
            and (ratings.to_value is null or reviews.rating < ratings.to_value)
    union all
    -- Who invited or shared, on the day the other one came.
    select
        inviter_customer_id as customer_id,
        'referral_' || referral_kind as signal_code,
        null as product_key,
        null as brand_code,
        occurred_on
    from {{ ref('fct_referrals') }}
    union all
    -- What was sent back whole is no purchase.
    select
        customer_id,
        'order' as signal_code,
        null as product_key,
        brand_code,
        paid_on as occurred_on
    from {{ ref('int_purchases__brand_orders') }}
    where net_amount > 0

),

known_signals as (

    select * from signals
    where
        occurred_on <= {{ as_of_date() }}
        and {{ is_due('int_facts__due') }}

),

final as (

    select distinct
        signals.customer_id,
        signals.signal_code,
        coalesce(signals.brand_code, products.brand_code) as brand_code,
        signals.occurred_on
    from known_signals as signals
    inner join wanted on signals.signal_code = wanted.signal_code
    left join products on signals.product_key = products.product_key
    where signals.customer_id is not null

)

select * from final
