-- What a customer is known by: how many current identifiers of each kind, and which,
-- masked. One row per customer with any.
{{ config(materialized='view', post_hook=[]) }}

with

contact_points as (

    select
        customer_id,
        kind,
        {{ masked('value') }} as masked_value
    from {{ ref('dim_contact_points') }}
    where role = 'account' and is_current

),

kinds as (

    select
        customer_id,
        kind,
        count(*) as value_count,
        {{ text_list('masked_value') }} as masked_values
    from contact_points
    group by customer_id, kind

),

final as (

    select
        customer_id,
        cast(sum(value_count) as bigint) as identifier_count,
        max(value_count) filter (where kind = 'phone') as phone_count,
        max(masked_values) filter (where kind = 'phone') as phone_masked,
        max(value_count) filter (where kind = 'email') as email_count,
        max(masked_values) filter (where kind = 'email') as email_masked,
        max(value_count) filter (where kind = 'pos_member_no') as card_count,
        max(masked_values) filter (where kind = 'pos_member_no') as card_masked,
        max(value_count) filter (where kind = 'wechat_unionid') as unionid_count,
        max(masked_values) filter (where kind = 'wechat_unionid') as unionid_masked,
        max(value_count) filter (where kind = 'wechat_openid') as openid_count,
        max(masked_values) filter (where kind = 'wechat_openid') as openid_masked,
        max(value_count) filter (where kind = 'wecom_external_userid') as wecom_count,
        max(masked_values) filter (where kind = 'wecom_external_userid')
            as wecom_masked,
        max(value_count) filter (where kind = 'tmall_ouid') as tmall_count,
        max(masked_values) filter (where kind = 'tmall_ouid') as tmall_masked,
        max(value_count) filter (where kind = 'yz_open_id') as youzan_count,
        max(masked_values) filter (where kind = 'yz_open_id') as youzan_masked,
        max(value_count) filter (where kind = 'douyin_open_id') as douyin_count,
        max(masked_values) filter (where kind = 'douyin_open_id') as douyin_masked,
        max(value_count) filter (where kind = 'xhs_user_id') as xiaohongshu_count,
        max(masked_values) filter (where kind = 'xhs_user_id') as xiaohongshu_masked,
        max(value_count) filter (where kind = 'kuaishou_open_id') as kuaishou_count,
        max(masked_values) filter (where kind = 'kuaishou_open_id') as kuaishou_masked
    from kinds
    group by customer_id

)

select * from final
