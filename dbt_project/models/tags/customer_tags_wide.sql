-- All customer tags side by side: what segments read. One row per customer. Changes
-- only with a new family; the key appears once because of `using`.
-- joins: one per family is the point of this model, and so is `using`.
-- noqa: disable=ST07,RF02

with

customers as (

    select customer_id from {{ ref('dim_customers') }}

)

select *
from customers
left join {{ ref('tags_customer_profile') }} using (customer_id)
left join {{ ref('tags_customer_channel') }} using (customer_id)
left join {{ ref('tags_customer_purchase') }} using (customer_id)
left join {{ ref('tags_customer_category') }} using (customer_id)
left join {{ ref('tags_customer_brand') }} using (customer_id)
left join {{ ref('tags_customer_promotion') }} using (customer_id)
left join {{ ref('tags_customer_rfm') }} using (customer_id)
left join {{ ref('tags_customer_lifecycle') }} using (customer_id)
left join {{ ref('tags_customer_value') }} using (customer_id)
left join {{ ref('tags_customer_member') }} using (customer_id)
left join {{ ref('tags_customer_points') }} using (customer_id)
left join {{ ref('tags_customer_coupon') }} using (customer_id)
left join {{ ref('tags_customer_behaviour') }} using (customer_id)
left join {{ ref('tags_customer_service') }} using (customer_id)
left join {{ ref('tags_customer_risk') }} using (customer_id)
left join {{ ref('tags_customer_campaign') }} using (customer_id)
left join {{ ref('tags_customer_prediction') }} using (customer_id)
left join {{ ref('tags_customer_price') }} using (customer_id)
left join {{ ref('tags_customer_store') }} using (customer_id)
left join {{ ref('tags_customer_aipl') }} using (customer_id)
left join {{ ref('tags_customer_five_a') }} using (customer_id)
left join {{ ref('tags_customer_identity') }} using (customer_id)
left join {{ ref('tags_customer_wecom') }} using (customer_id)
left join {{ ref('tags_customer_recommendation') }} using (customer_id)
left join {{ ref('tags_customer_referral') }} using (customer_id)
left join {{ ref('tags_customer_engagement') }} using (customer_id)
left join {{ ref('tags_customer_woe') }} using (customer_id)
left join {{ ref('tags_customer_cltv') }} using (customer_id)
left join {{ ref('tags_customer_timing') }} using (customer_id)
