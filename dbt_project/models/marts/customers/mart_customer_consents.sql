-- Whether a customer may be sent marketing in each contact channel: the latest change
-- holds, as in activation. One row per customer who ever said.
{{ config(materialized='view', post_hook=[]) }}

with

changes as (

    select
        customer_id,
        contact_channel,
        status,
        row_number() over (
            partition by customer_id, contact_channel
            -- Of two at the same moment the withdrawal counts.
            order by occurred_at desc, status desc
        ) as recency
    from {{ ref('fct_consents') }}
    where customer_id is not null and purpose = 'marketing'

),

final as (

    select
        customer_id,
        max(status) filter (where contact_channel = 'sms') as consent_sms,
        max(status) filter (where contact_channel = 'phone') as consent_phone,
        max(status) filter (where contact_channel = 'email') as consent_email,
        max(status) filter (where contact_channel = 'wechat') as consent_wechat
    from changes
    where recency = 1
    group by customer_id

)

select * from final
