-- Group sends of guides to contacts, parsed and judged. One row per landed row.

with

landed as (

    select
        sends.*,
        files.drop_date
    from {{ source('raw_wecom', 'messages') }} as sends
    inner join {{ source('landing', 'files') }} as files
        on sends._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('msgid') }} as touch_id,
        {{ clean_id('campaign_code') }} as campaign_code,
        {{ clean_id('user_id') }} as staff_code,
        {{ clean_id('external_userid') }} as wecom_external_userid,
        {{ parse_timestamp('send_time') }} as sent_at,
        case {{ clean_id('status') }}
            when '1' then 'delivered'
            when '2' then 'failed'
            when '3' then 'failed'
        end as status,
        {{ parse_timestamp('clicked_at') }} as clicked_at,
        {{ parse_timestamp('updated_at') }} as updated_at,
        {{ count_texts(['clicked_at', 'updated_at']) }} as landed_time_count,
        {{ bigint_key([
            'campaign_code', 'user_id', 'external_userid', 'send_time', 'status',
            'clicked_at', 'updated_at',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'wecom'", "'touch'", 'touch_id']) }} as record_key,
        {{ local_date('greatest(sent_at, updated_at)') }} as due_on,
        case
            when touch_id is null or wecom_external_userid is null then 'missing_key'
            when {{ is_scientific('touch_id') }} then 'id_in_scientific_notation'
            when
                sent_at is null
                or landed_time_count > {{ count_values(['clicked_at', 'updated_at']) }}
                then 'bad_timestamp'
            when staff_code is null then 'missing_required'
            when status is null then 'unknown_enum'
            when {{ local_date('sent_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    record_key,
    'wecom' as channel_code,
    'wecom_group' as shop_code,
    touch_id,
    campaign_code,
    staff_code,
    wecom_external_userid,
    'wecom' as touch_channel,
    sent_at,
    status,
    clicked_at,
    updated_at,
    sent_at as observed_at,
    due_on,
    {{ reject_reason() }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('record_key', 'updated_at') }}
)
