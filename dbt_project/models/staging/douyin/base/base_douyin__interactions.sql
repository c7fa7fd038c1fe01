-- What viewers did with Douyin videos and live sessions, parsed and judged. One row per
-- landed row.

with

landed as (

    select
        actions.*,
        files.drop_date
    from {{ source('raw_douyin', 'interactions') }} as actions
    inner join {{ source('landing', 'files') }} as files
        on actions._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('shop_id') }} as shop_code,
        {{ clean_id('interaction_id') }} as interaction_id,
        {{ clean_id('doudian_open_id') }} as douyin_open_id,
        lower({{ clean_id('device_hash') }}) as ad_device_hash,
        {{ clean_id('item_id') }} as content_id,
        case {{ clean_id('action') }}
            when 'view' then 'view'
            when 'like' then 'like'
            when 'comment' then 'comment'
            when 'share' then 'share'
            when 'item_click' then 'product_click'
            when 'follow' then 'follow'
            when 'unfollow' then 'unfollow'
        end as interaction_type,
        lower({{ clean_id('scene') }}) as scene,
        {{ clean_id('code') }} as item_code_raw,
        {{ parse_amount('watch_seconds', 0) }} as duration_seconds,
        {{ parse_timestamp('occurred_at') }} as occurred_at,
        {{ clean_text('watch_seconds') }} as landed_duration,
        {{ bigint_key([
            'shop_id', 'doudian_open_id', 'device_hash', 'item_id', 'action', 'scene',
            'code', 'watch_seconds', 'occurred_at',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'douyin'", "'interaction'", 'interaction_id']) }} as record_key,
        {{ local_date('occurred_at') }} as due_on,
        case
            when shop_code is null or interaction_id is null then 'missing_key'
            when {{ is_scientific('interaction_id') }} then 'id_in_scientific_notation'
            when occurred_at is null then 'bad_timestamp'
            when landed_duration is not null and duration_seconds is null
                then 'bad_amount'
            when duration_seconds < 0 then 'negative_amount'
            when interaction_type is null then 'unknown_enum'
            when {{ local_date('occurred_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    record_key,
    'douyin' as channel_code,
    shop_code,
    interaction_id,
    interaction_type,
    douyin_open_id,
    ad_device_hash,
    content_id,
    item_code_raw,
    scene,
    duration_seconds,
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
