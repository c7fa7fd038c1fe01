-- Youzan subscription messages and SMS, parsed and judged. One row per landed row.

with

landed as (

    select
        sends.*,
        files.drop_date
    from {{ source('raw_youzan', 'touches') }} as sends
    inner join {{ source('landing', 'files') }} as files
        on sends._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('kdt_id') }} as shop_code,
        {{ clean_id('msg_id') }} as touch_id,
        {{ clean_id('campaign_code') }} as campaign_code,
        {{ clean_id('yz_open_id') }} as yz_open_id,
        lower({{ clean_id("coalesce(channel, 'wechat')") }}) as touch_channel,
        {{ parse_timestamp('sent_at') }} as sent_at,
        lower({{ clean_id('status') }}) as status,
        {{ parse_timestamp('clicked_at') }} as clicked_at,
        {{ parse_timestamp('updated_at') }} as updated_at,
        {{ count_texts(['clicked_at', 'updated_at']) }} as landed_time_count,
        {{ bigint_key([
            'kdt_id', 'campaign_code', 'yz_open_id', 'channel', 'sent_at', 'status',
            'clicked_at', 'updated_at',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'youzan'", "'touch'", 'touch_id']) }} as record_key,
        {{ local_date('greatest(sent_at, updated_at)') }} as due_on,
        case
            when shop_code is null or touch_id is null or yz_open_id is null
                then 'missing_key'
            when {{ is_scientific('touch_id') }} then 'id_in_scientific_notation'
            when
                sent_at is null
                or landed_time_count > {{ count_values(['clicked_at', 'updated_at']) }}
                then 'bad_timestamp'
            when
                coalesce(status, '') not in ('delivered', 'failed', 'unsubscribed')
                or touch_channel not in ('sms', 'wechat')
                then 'unknown_enum'
            when {{ local_date('sent_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    record_key,
    'youzan' as channel_code,
    shop_code,
    touch_id,
    campaign_code,
    yz_open_id,
    touch_channel,
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
