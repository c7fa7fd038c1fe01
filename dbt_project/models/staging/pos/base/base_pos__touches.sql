-- SMS and mail of the stores, parsed and judged. One row per landed row.

with

landed as (

    select
        sends.*,
        files.drop_date
    from {{ source('raw_pos', 'touches') }} as sends
    inner join {{ source('landing', 'files') }} as files
        on sends._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('send_no') }} as touch_id,
        {{ clean_id('campaign_code') }} as campaign_code,
        {{ clean_id('member_no') }} as pos_member_no,
        lower({{ clean_id("coalesce(channel, 'sms')") }}) as touch_channel,
        {{ parse_timestamp('sent_at') }} as sent_at,
        lower({{ clean_id('status') }}) as status,
        {{ parse_timestamp('clicked_at') }} as clicked_at,
        {{ parse_timestamp('updated_at') }} as updated_at,
        {{ count_texts(['clicked_at', 'updated_at']) }} as landed_time_count,
        {{ bigint_key([
            'campaign_code', 'member_no', 'channel', 'sent_at', 'status', 'clicked_at',
            'updated_at',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'pos'", "'touch'", 'touch_id']) }} as record_key,
        {{ local_date('greatest(sent_at, updated_at)') }} as due_on,
        case
            when {{ is_totals_row(['touch_id', 'campaign_code']) }} then 'totals_row'
            when touch_id is null or pos_member_no is null then 'missing_key'
            when {{ is_scientific('touch_id') }} then 'id_in_scientific_notation'
            when
                sent_at is null
                or landed_time_count
                > {{ count_values(['clicked_at', 'updated_at']) }}
                then 'bad_timestamp'
            when
                coalesce(status, '') not in ('delivered', 'failed', 'unsubscribed')
                or touch_channel not in ('sms', 'mail')
                then 'unknown_enum'
            when {{ local_date('sent_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    record_key,
    'pos' as channel_code,
    'pos_retail' as shop_code,
    touch_id,
    campaign_code,
    pos_member_no,
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
