-- Phones that guides noted with a contact. One row per contact, version and phone.

with

contacts as (

    select * from {{ ref('stg_wecom__contacts') }}

),

noted as (

    select
        contacts.record_key,
        contacts.shop_code,
        contacts.wecom_external_userid,
        {{ clean_phone('mobiles.mobile') }} as noted_phone,
        contacts.observed_at
    from contacts
    cross join
        lateral jsonb_array_elements_text(contacts.remark_phones_raw)
            as mobiles (mobile)

),

final as (

    select distinct
        record_key,
        shop_code,
        wecom_external_userid,
        noted_phone,
        observed_at
    from noted
    where noted_phone is not null

)

select * from final
