-- Consents given and withdrawn, with the legal entity they were given to. One row per
-- change.

with

consents as (

    select * from {{ ref('int_consents__unioned') }}

),

records as (

    select * from {{ ref('oneid_records') }}

),

shops as (

    select * from {{ ref('dim_shops') }}

),

final as (

    select
        consents.consent_key,
        consents.record_key,
        records.customer_id,
        consents.channel_code,
        consents.shop_code,
        shops.legal_entity,
        consents.contact_channel,
        consents.purpose,
        consents.status,
        consents.occurred_at,
        consents.occurred_on
    from consents
    left join records on consents.record_key = records.record_key
    left join shops on consents.shop_code = shops.shop_code

)

select * from final
