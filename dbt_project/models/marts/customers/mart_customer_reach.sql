-- Whether a customer can be reached with marketing in each contact channel: consent as
-- said last, and a current contact point of the account itself. As activation sends,
-- before holdout and suppression. One row per customer.
{{ config(materialized='view', post_hook=[]) }}

with

customers as (

    select customer_id from {{ ref('dim_customers') }}

),

consents as (

    select * from {{ ref('mart_customer_consents') }}

),

contact_points as (

    select * from {{ ref('dim_contact_points') }}
    where is_current and role = 'account'

),

contact_summary as (

    select
        customer_id,
        bool_or(
            kind = 'phone' and value like '1__________'
        ) as has_phone,
        bool_or(kind = 'email' and value like '_%@_%._%') as has_email,
        bool_or(kind in ('wechat_openid', 'wechat_unionid')) as has_wechat
    from contact_points
    group by customer_id

),

final as (

    select
        customers.customer_id,
        coalesce(consents.consent_sms = 'granted' and contacts.has_phone, false)
            as is_reachable_sms,
        coalesce(consents.consent_phone = 'granted' and contacts.has_phone, false)
            as is_reachable_phone,
        coalesce(consents.consent_email = 'granted' and contacts.has_email, false)
            as is_reachable_email,
        coalesce(consents.consent_wechat = 'granted' and contacts.has_wechat, false)
            as is_reachable_wechat
    from customers
    left join consents on customers.customer_id = consents.customer_id
    left join contact_summary as contacts
        on customers.customer_id = contacts.customer_id

)

select * from final
