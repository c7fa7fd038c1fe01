-- Receipts of text messages, parsed and judged. One row per landed row.

with

landed as (

    select
        receipts.*,
        files.drop_date
    from {{ source('raw_sms', 'receipts') }} as receipts
    inner join {{ source('landing', 'files') }} as files
        on receipts._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('out_id') }} as out_id,
        {{ clean_phone('phone_number') }} as phone,
        case {{ clean_id('status') }}
            when '1' then 'delivered'
            when '2' then 'failed'
            when '3' then 'delivered'
            when '4' then 'unsubscribed'
        end as status,
        {{ parse_timestamp('send_time') }} as sent_at,
        {{ parse_timestamp('clicked_at') }} as clicked_at,
        {{ parse_timestamp('updated_at') }} as updated_at,
        {{ count_texts(['clicked_at', 'updated_at']) }} as landed_time_count,
        {{ bigint_key(['status', 'send_time', 'clicked_at', 'updated_at']) }}
            as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'sms'", "'touch'", 'out_id', 'phone']) }} as record_key,
        {{ local_date('greatest(sent_at, updated_at)') }} as due_on,
        case
            when out_id is null or phone is null then 'missing_key'
            when
                sent_at is null
                or landed_time_count > {{ count_values(['clicked_at', 'updated_at']) }}
                then 'bad_timestamp'
            when status is null then 'unknown_enum'
            when {{ local_date('sent_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    record_key,
    'sms' as channel_code,
    out_id,
    encode(sha256(convert_to(phone, 'UTF8')), 'hex') as phone_sha256,
    'sms' as touch_channel,
    sent_at,
    status,
    clicked_at,
    updated_at,
    due_on,
    {{ reject_reason() }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('record_key', 'updated_at') }}
)
