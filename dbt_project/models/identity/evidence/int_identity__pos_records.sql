-- What store receipts and members say about who they belong to.
-- One row per record version; the anchor ties the other identifiers.
{{ config(materialized='view') }}

with

flows as (

    select
        record_key,
        shop_code,
        'points' as record_type,
        points_id as record_id,
        pos_member_no,
        observed_at
    from {{ ref('stg_pos__points') }}
    union all
    select
        record_key,
        shop_code,
        'coupon' as record_type,
        coupon_id as record_id,
        pos_member_no,
        observed_at
    from {{ ref('stg_pos__coupons') }}
    union all
    select
        record_key,
        shop_code,
        'touch' as record_type,
        touch_id as record_id,
        pos_member_no,
        observed_at
    from {{ ref('stg_pos__touches') }}
    union all
    select
        record_key,
        shop_code,
        'consent' as record_type,
        consent_id as record_id,
        pos_member_no,
        observed_at
    from {{ ref('stg_pos__consents') }}

),

sightings as (

    select
        record_key,
        shop_code,
        'member' as record_type,
        pos_member_no as record_id,
        pos_member_no,
        account_phone,
        email,
        observed_at
    from {{ ref('stg_pos__members') }}
    union all
    select
        record_key,
        shop_code,
        'order' as record_type,
        order_id as record_id,
        pos_member_no,
        account_phone,
        null as email,
        observed_at
    from {{ ref('stg_pos__orders') }}
    union all
    -- People call for each other: a caller's phone speaks only where no card is given.
    select
        record_key,
        shop_code,
        'service_case' as record_type,
        case_id as record_id,
        pos_member_no,
        case when pos_member_no is null then account_phone end as account_phone,
        null as email,
        observed_at
    from {{ ref('stg_pos__service_cases') }}
    union all
    select
        record_key,
        shop_code,
        record_type,
        record_id,
        pos_member_no,
        null as account_phone,
        null as email,
        observed_at
    from flows

),

final as (

    select
        record_key,
        'pos' as channel_code,
        shop_code,
        record_type,
        record_id,
        observed_at,
        case
            when pos_member_no is not null then 'pos_member_no'
            when account_phone is not null then 'phone'
        end as anchor_type,
        coalesce(pos_member_no, account_phone) as anchor_value,
        pos_member_no,
        account_phone,
        email
    from sightings

)

select * from final
