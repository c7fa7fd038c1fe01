-- Contacts that people left, and what became of them. One row per lead. The phone stays
-- in dim_contact_points, once it is verified.

with

leads as (

    select * from {{ ref('int_leads__unioned') }}

),

records as (

    select * from {{ ref('oneid_records') }}

),

final as (

    select
        leads.lead_key,
        leads.record_key,
        records.customer_id,
        leads.channel_code,
        leads.shop_code,
        leads.lead_id,
        leads.lead_source,
        leads.status,
        leads.is_phone_verified,
        leads.content_key,
        leads.ad_id,
        leads.submitted_at,
        leads.submitted_on,
        leads.followed_up_at
    from leads
    left join records on leads.record_key = records.record_key

)

select * from final
