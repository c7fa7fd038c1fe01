-- Guides and customers who have or had each other in WeCom. One row per span.

with

contacts as (

    select * from {{ ref('int_guide_contacts__unioned') }}

),

records as (

    select * from {{ ref('oneid_records') }}

),

final as (

    select
        contacts.guide_contact_key,
        contacts.record_key,
        records.customer_id,
        contacts.channel_code,
        contacts.shop_code,
        contacts.staff_code,
        contacts.wecom_external_userid,
        contacts.added_at,
        contacts.added_on,
        contacts.deleted_at,
        contacts.deleted_on,
        contacts.deleted_by,
        contacts.deleted_at is null as is_current,
        contacts.qr_state,
        contacts.qr_code,
        contacts.qr_code_name,
        contacts.store_code
    from contacts
    left join records on contacts.record_key = records.record_key

)

select * from final
