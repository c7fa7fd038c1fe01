-- Guides and contacts adding and deleting each other, parsed and judged. One row per
-- landed row.

with

landed as (

    select
        callbacks.*,
        files.drop_date
    from {{ source('raw_wecom', 'relations') }} as callbacks
    inner join {{ source('landing', 'files') }} as files
        on callbacks._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('event_id') }} as event_id,
        lower({{ clean_id('change_type') }}) as change_type,
        {{ clean_id('user_id') }} as staff_code,
        {{ clean_id('external_userid') }} as wecom_external_userid,
        {{ clean_id('state') }} as qr_state,
        {{ parse_timestamp('create_time') }} as occurred_at,
        {{ bigint_key([
            'change_type', 'user_id', 'external_userid', 'state', 'create_time',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'wecom'", "'relation'", 'event_id']) }} as record_key,
        {{ local_date('occurred_at') }} as due_on,
        case change_type
            when 'add_external_contact' then 'add'
            when 'del_external_contact' then 'delete_by_guide'
            when 'del_follow_user' then 'delete_by_contact'
        end as action,
        case
            when
                event_id is null or wecom_external_userid is null or staff_code is null
                then 'missing_key'
            when {{ is_scientific('event_id') }} then 'id_in_scientific_notation'
            when occurred_at is null then 'bad_timestamp'
            when
                coalesce(change_type, '') not in (
                    'add_external_contact', 'del_external_contact', 'del_follow_user'
                )
                then 'unknown_enum'
            when {{ local_date('occurred_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    record_key,
    'wecom' as channel_code,
    'wecom_group' as shop_code,
    event_id,
    action,
    staff_code,
    wecom_external_userid,
    qr_state,
    occurred_at,
    occurred_at as observed_at,
    due_on,
    {{ reject_reason() }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('record_key') }}
)
