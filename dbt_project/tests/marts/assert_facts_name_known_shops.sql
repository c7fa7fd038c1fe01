-- Every shop in a fact is in dim_shops, which says whose brand and legal entity it is.
-- Our own text messages are of no shop. A warning: a shop that opens before it is in the seed must not stop the others.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'fct_orders'}}}) }}

with

named as (

    select distinct shop_code from {{ ref('fct_orders') }}
    union
    select distinct shop_code from {{ ref('fct_refunds') }}
    union
    select distinct shop_code from {{ ref('fct_points') }}
    union
    select distinct shop_code from {{ ref('fct_coupons') }}
    union
    select distinct shop_code from {{ ref('fct_events') }}
    union
    select distinct shop_code from {{ ref('fct_touches') }}
    union
    select distinct shop_code from {{ ref('fct_consents') }}
    union
    select distinct shop_code from {{ ref('fct_service_cases') }}
    union
    select distinct shop_code from {{ ref('fct_store_traffic') }}
    union
    select distinct shop_code from {{ ref('fct_interactions') }}
    union
    select distinct shop_code from {{ ref('fct_leads') }}
    union
    select distinct shop_code from {{ ref('fct_reviews') }}
    union
    select distinct shop_code from {{ ref('fct_ad_exposures') }}
    union
    select distinct shop_code from {{ ref('fct_referrals') }}
    union
    select distinct shop_code from {{ ref('fct_guide_contacts') }}
    union
    select distinct shop_code from {{ ref('fct_guide_tasks') }}

)

select named.shop_code
from named
left join {{ ref('dim_shops') }} as shops on named.shop_code = shops.shop_code
where shops.shop_code is null and named.shop_code is not null
