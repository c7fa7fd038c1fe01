-- Spans in which a guide and a contact have each other. One row per span; added_at is
-- null when it began before the first export.

with

changes as (

    select
        *,
        action = 'add' as is_add
    from {{ ref('stg_wecom__relations') }}

),

qr_codes as (

    select
        *,
        row_number() over (
            partition by qr_state order by updated_at desc nulls last, qr_code asc
        ) as state_no
    from {{ ref('stg_wecom__qr_codes') }}

),

-- Adding who is there and deleting who is gone change nothing.
compared as (

    select
        *,
        lag(is_add) over (
            partition by wecom_external_userid, staff_code
            order by occurred_at, record_key
        ) as was_added
    from changes

),

turns as (

    select
        *,
        lead(occurred_at) over (
            partition by wecom_external_userid, staff_code
            order by occurred_at, record_key
        ) as next_at,
        lead(action) over (
            partition by wecom_external_userid, staff_code
            order by occurred_at, record_key
        ) as next_action
    from compared
    where is_add is distinct from was_added

),

spans as (

    select
        record_key,
        channel_code,
        shop_code,
        staff_code,
        wecom_external_userid,
        qr_state,
        case when is_add then occurred_at end as added_at,
        case when is_add then next_at else occurred_at end as deleted_at,
        case when is_add then next_action else action end as ending
    from turns
    where is_add or was_added is null

),

final as (

    select
        spans.record_key as guide_contact_key,
        spans.record_key,
        spans.channel_code,
        spans.shop_code,
        spans.staff_code,
        spans.wecom_external_userid,
        spans.added_at,
        {{ local_date('spans.added_at') }} as added_on,
        spans.deleted_at,
        {{ local_date('spans.deleted_at') }} as deleted_on,
        case spans.ending
            when 'delete_by_guide' then 'guide'
            when 'delete_by_contact' then 'contact'
        end as deleted_by,
        spans.qr_state,
        qr_codes.qr_code,
        qr_codes.name as qr_code_name,
        qr_codes.store_code
    from spans
    left join qr_codes
        on spans.qr_state = qr_codes.qr_state and qr_codes.state_no = 1

)

select * from final
