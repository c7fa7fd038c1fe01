-- Identity tags: what is known of a customer, and by what he may be reached. One row
-- per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

known as (

    select * from {{ ref('int_contact_points__known') }}

),

-- The latest word on marketing holds, as in activation.
consents as (

    select * from {{ ref('mart_customer_consents') }}

),

friends as (

    select distinct customer_id
    from {{ ref('fct_guide_contacts') }}
    where
        is_current
        and customer_id is not null

),

devices as (

    select
        customer_id,
        count(distinct ad_device_hash) as device_count,
        {{ max_by('device_os', 'occurred_at') }} as last_device_os
    from {{ ref('fct_ad_exposures') }}
    where customer_id is not null
    group by customer_id

),

reach as (

    select
        customers.customer_id,
        coalesce(known.has_phone and consents.consent_sms = 'granted', false)
            as is_sms_reachable,
        coalesce(known.has_phone and consents.consent_phone = 'granted', false)
            as is_call_reachable,
        coalesce(known.has_email and consents.consent_email = 'granted', false)
            as is_email_reachable,
        -- WeCom delivers to friends only.
        coalesce(
            friends.customer_id is not null and consents.consent_wechat = 'granted',
            false
        ) as is_wecom_reachable,
        coalesce(
            'withdrawn' in (
                consents.consent_sms,
                consents.consent_phone,
                consents.consent_email,
                consents.consent_wechat
            ),
            false
        ) as has_withdrawn_consent
    from customers
    left join known on customers.customer_id = known.customer_id
    left join consents on customers.customer_id = consents.customer_id
    left join friends on customers.customer_id = friends.customer_id

),

final as (

    select
        customers.customer_id,
        coalesce(known.has_phone, false) as identity_has_phone,
        coalesce(known.has_email, false) as identity_has_email,
        coalesce(known.has_unionid, false) as identity_has_unionid,
        coalesce(known.has_wecom_id, false) as identity_has_wecom_id,
        coalesce(known.has_tmall_id, false) as identity_has_tmall_id,
        coalesce(known.has_former_phone, false) as identity_has_former_phone,
        coalesce(known.identifier_count, 0) as identity_identifier_count,
        coalesce(known.account_count, 0) as identity_account_count,
        coalesce(known.channel_count, 0) as identity_channel_count,
        {{ dbt.datediff('known.last_new_channel_on', as_of_date(), 'day') }}
            as identity_days_since_new_channel,
        coalesce(known.receiver_count, 0) as identity_receiver_count,
        nullif(devices.device_count, 0) as identity_device_count,
        devices.last_device_os as identity_device_os,
        {{ dbt.datediff('customers.first_seen_on', as_of_date(), 'day') }}
            as identity_days_since_first_seen,
        reach.is_sms_reachable as identity_is_sms_reachable,
        reach.is_call_reachable as identity_is_call_reachable,
        reach.is_email_reachable as identity_is_email_reachable,
        reach.is_wecom_reachable as identity_is_wecom_reachable,
        cast(
            case when reach.is_sms_reachable then 1 else 0 end
            + case when reach.is_call_reachable then 1 else 0 end
            + case when reach.is_email_reachable then 1 else 0 end
            + case when reach.is_wecom_reachable then 1 else 0 end
            as bigint
        ) as identity_reachable_channel_count,
        reach.has_withdrawn_consent as identity_has_withdrawn_consent
    from customers
    inner join reach on customers.customer_id = reach.customer_id
    left join known on customers.customer_id = known.customer_id
    left join devices on customers.customer_id = devices.customer_id

)

select * from final
