-- Who brought whom, by invitation or a share opened. One row per invitation, and per
-- share and opener; never a person by himself.

with

referrals as (

    select * from {{ ref('int_referrals__unioned') }}

),

records as not materialized (

    select * from {{ ref('oneid_records') }}

),

-- Both ends must be known: a referral by or of nobody says nothing.
final as (

    select
        referrals.referral_key,
        referrals.invitee_record_key as record_key,
        inviters.customer_id as inviter_customer_id,
        invitees.customer_id as invitee_customer_id,
        referrals.channel_code,
        referrals.shop_code,
        referrals.referral_kind,
        referrals.share_id,
        referrals.occurred_at,
        referrals.occurred_on
    from referrals
    inner join records as inviters
        on referrals.inviter_record_key = inviters.record_key
    inner join records as invitees
        on referrals.invitee_record_key = invitees.record_key
    where inviters.customer_id <> invitees.customer_id

)

select * from final
