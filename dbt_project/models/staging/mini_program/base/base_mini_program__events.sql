-- Behaviour in the members' club, parsed and judged. One row per landed row.

with

landed as (

    select
        events.*,
        files.drop_date
    from {{ source('raw_mini_program', 'events') }} as events
    inner join {{ source('landing', 'files') }} as files
        on events._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('event_id') }} as event_id,
        lower({{ clean_id('event') }}) as event_type,
        {{ parse_timestamp('occurred_at') }} as occurred_at,
        {{ clean_id('openid') }} as wechat_openid,
        {{ clean_id('unionid') }} as wechat_unionid,
        {{ clean_id('device_id') }} as device_id,
        {{ clean_id('session_id') }} as session_id,
        {{ clean_text('page') }} as page,
        {{ clean_id('scene') }} as scene,
        {{ clean_id('outer_sku_id') }} as item_code_raw,
        {{ parse_amount('num', 3) }} as quantity,
        {{ clean_text('num') }} as landed_quantity,
        {{ clean_text('keyword') }} as keyword,
        {{ clean_id('share_id') }} as share_id,
        {{ json_object('properties') }} as properties,
        {{ bigint_key([
            'event', 'occurred_at', 'openid', 'unionid', 'device_id', 'session_id',
            'page', 'scene', 'outer_sku_id', 'num', 'keyword', 'share_id', 'properties',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'mini_program'", "'event'", 'event_id']) }} as record_key,
        {{ local_date('occurred_at') }} as due_on,
        case
            when event_id is null then 'missing_key'
            when {{ is_scientific('event_id') }} then 'id_in_scientific_notation'
            when occurred_at is null then 'bad_timestamp'
            when landed_quantity is not null and quantity is null then 'bad_amount'
            when
                coalesce(event_type, '') not in (
                    'page_view',
                    'product_view',
                    'add_to_cart',
                    'remove_from_cart',
                    'search',
                    'check_in',
                    'share',
                    'share_open',
                    'join',
                    'form_submit',
                    'coupon_view',
                    'live_view'
                )
                then 'unknown_enum'
            when {{ local_date('occurred_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    record_key,
    'mini_program' as channel_code,
    'mini_program_club' as shop_code,
    event_id,
    event_type,
    wechat_openid,
    wechat_unionid,
    device_id,
    session_id,
    page,
    scene,
    item_code_raw,
    quantity,
    keyword,
    share_id,
    properties,
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
