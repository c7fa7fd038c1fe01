-- What was done, bought and said, each with all it tells as one number: its own values,
-- those of the product it was about, and whether its day has come. One row per fact of
-- a customer. A view: who is due (int_facts__due) is all that reads it.
{{ config(materialized='view', post_hook=[]) }}

with

-- What a product is, as far as models that compute only who is due ask.
products as (

    select
        products.product_key,
        products.brand_code,
        products.category,
        products.manufacturer_code,
        profiles.product_category
    from {{ ref('dim_products') }} as products
    inner join {{ ref('tags_product_profile') }} as profiles
        on products.product_key = profiles.product_key

),

product_digests as (

    select
        product_key,
        {{ row_digest('products') }} as digest
    from products

),

facts as (

    select
        customer_id,
        cast(null as bigint) as product_key,
        paid_on as happened_on,
        {{ row_digest('orders') }} as digest
    from {{ ref('fct_orders') }} as orders
    union all
    select
        customer_id,
        product_key,
        paid_on as happened_on,
        {{ row_digest('order_lines') }} as digest
    from {{ ref('fct_order_lines') }} as order_lines
    union all
    select
        customer_id,
        product_key,
        occurred_on as happened_on,
        {{ row_digest('happenings') }} as digest
    from {{ ref('fct_events') }} as happenings
    union all
    select
        customer_id,
        product_key,
        occurred_on as happened_on,
        {{ row_digest('interactions') }} as digest
    from {{ ref('fct_interactions') }} as interactions
    union all
    select
        customer_id,
        null as product_key,
        occurred_on as happened_on,
        {{ row_digest('exposures') }} as digest
    from {{ ref('fct_ad_exposures') }} as exposures
    union all
    select
        customer_id,
        null as product_key,
        {{ local_date('clicked_at') }} as happened_on,
        {{ row_digest('touches') }} as digest
    from {{ ref('fct_touches') }} as touches
    union all
    select
        customer_id,
        null as product_key,
        submitted_on as happened_on,
        {{ row_digest('leads') }} as digest
    from {{ ref('fct_leads') }} as leads
    union all
    select
        customer_id,
        product_key,
        opened_on as happened_on,
        {{ row_digest('cases') }} as digest
    from {{ ref('fct_service_cases') }} as cases
    union all
    select
        customer_id,
        product_key,
        reviewed_on as happened_on,
        {{ row_digest('reviews') }} as digest
    from {{ ref('fct_reviews') }} as reviews
    union all
    select
        inviter_customer_id as customer_id,
        null as product_key,
        occurred_on as happened_on,
        {{ row_digest('referrals') }} as digest
    from {{ ref('fct_referrals') }} as referrals

),

placed_facts as (

    select
        facts.customer_id,
        facts.digest,
        coalesce(product_digests.digest, 0) as product_digest,
        case when facts.happened_on <= {{ as_of_date() }} then 1 else 0 end as is_past
    from facts
    left join product_digests on facts.product_key = product_digests.product_key
    where facts.customer_id is not null

),

final as (

    select
        customer_id,
        {{ mixed_digest(mixed_digest('digest', 'product_digest'), 'is_past') }}
            as digest
    from placed_facts

)

select * from final
