-- Everything the group knows of a customer at a glance, without a contact point or a
-- name in the clear. One row per customer. Each part is brought down to customers
-- before it is joined.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

identifiers as (

    select * from {{ ref('mart_customer_identifiers') }}

),

orders as (

    select * from {{ ref('mart_customer_orders') }}

),

assets as (

    select * from {{ ref('mart_customer_assets') }}

),

consents as (

    select * from {{ ref('mart_customer_consents') }}

),

activity as (

    select * from {{ ref('mart_customer_activity') }}

),

relations as (

    select * from {{ ref('mart_customer_relations') }}

),

final as (

    select
        customers.customer_id,
        {{ masked('customers.name') }} as name_masked,
        customers.gender,
        cast(extract(year from customers.birthday) as int) as birth_year,
        customers.baby_birthday is not null as has_child,
        customers.province,
        customers.city,
        customers.first_seen_on,
        customers.joined_at,
        customers.is_member,
        customers.is_employee,
        customers.member_tier_tmall,
        customers.member_tier_youzan,
        customers.member_tier_pos,
        coalesce(identifiers.identifier_count, 0) as identifier_count,
        coalesce(identifiers.phone_count, 0) as phone_count,
        identifiers.phone_masked,
        coalesce(identifiers.email_count, 0) as email_count,
        identifiers.email_masked,
        coalesce(identifiers.card_count, 0) as card_count,
        identifiers.card_masked,
        coalesce(identifiers.unionid_count, 0) as unionid_count,
        identifiers.unionid_masked,
        coalesce(identifiers.openid_count, 0) as openid_count,
        identifiers.openid_masked,
        coalesce(identifiers.wecom_count, 0) as wecom_count,
        identifiers.wecom_masked,
        coalesce(identifiers.tmall_count, 0) as tmall_count,
        identifiers.tmall_masked,
        coalesce(identifiers.youzan_count, 0) as youzan_count,
        identifiers.youzan_masked,
        coalesce(identifiers.douyin_count, 0) as douyin_count,
        identifiers.douyin_masked,
        coalesce(identifiers.xiaohongshu_count, 0) as xiaohongshu_count,
        identifiers.xiaohongshu_masked,
        coalesce(identifiers.kuaishou_count, 0) as kuaishou_count,
        identifiers.kuaishou_masked,
        coalesce(orders.order_count, 0) as order_count,
        coalesce(orders.goods_amount, 0) as goods_amount,
        coalesce(orders.refunded_amount, 0) as refunded_amount,
        coalesce(orders.net_amount, 0) as net_amount,
        orders.first_order_at,
        orders.last_order_at,
        orders.last_order_channel_code,
        orders.last_order_shop_code,
        orders.bought_channels,
        orders.bought_brands,
        coalesce(assets.points_balance, 0) as points_balance,
        coalesce(assets.valid_coupon_count, 0) as valid_coupon_count,
        coalesce(assets.valid_coupon_amount, 0) as valid_coupon_amount,
        consents.consent_sms,
        consents.consent_phone,
        consents.consent_email,
        consents.consent_wechat,
        activity.last_event_at,
        activity.last_event_type,
        activity.last_touch_at,
        activity.last_touch_channel,
        activity.last_case_at,
        activity.last_case_type,
        coalesce(activity.open_case_count, 0) as open_case_count,
        activity.last_interaction_at,
        activity.last_interaction_type,
        activity.last_exposure_at,
        activity.last_review_at,
        activity.last_rating,
        coalesce(activity.review_count, 0) as review_count,
        activity.last_lead_at,
        activity.last_lead_status,
        relations.guide_staff_code,
        coalesce(relations.guide_contact_count, 0) as guide_contact_count,
        relations.last_guide_contact_at,
        coalesce(relations.open_task_count, 0) as open_task_count,
        relations.last_task_at,
        coalesce(relations.invitee_count, 0) as invitee_count,
        relations.inviter_customer_id
    from customers
    left join identifiers on customers.customer_id = identifiers.customer_id
    left join orders on customers.customer_id = orders.customer_id
    left join assets on customers.customer_id = assets.customer_id
    left join consents on customers.customer_id = consents.customer_id
    left join activity on customers.customer_id = activity.customer_id
    left join relations on customers.customer_id = relations.customer_id

)

select * from final
