-- Mini-shop behaviour, parsed and judged. One row per landed row.

with

landed as (

    select
        events.*,
        files.drop_date
    from {{ source('raw_youzan', 'events') }} as events
    inner join {{ source('landing', 'files') }} as files
        on events._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('kdt_id') }} as shop_code,
        {{ clean_id('event_id') }} as event_id,
        lower({{ clean_id('event') }}) as event_type,
        {{ parse_timestamp('occurred_at') }} as occurred_at,
        {{ clean_id('yz_open_id') }} as yz_open_id,
        {{ clean_id('weixin_openid') }} as wechat_openid,
        {{ clean_id('weixin_unionid') }} as wechat_unionid,
        {{ clean_id('device_id') }} as device_id,
        {{ clean_id('outer_sku_id') }} as item_code_raw,
        {{ parse_amount('num', 3) }} as quantity,
        {{ clean_text('keyword') }} as keyword,
        {{ clean_text('num') }} as landed_quantity,
        {{ bigint_key([
            'kdt_id', 'event', 'occurred_at', 'yz_open_id', 'weixin_openid',
            'weixin_unionid', 'device_id', 'outer_sku_id', 'num', 'keyword',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'youzan'", "'event'", 'event_id']) }} as record_key,
        {{ local_date('occurred_at') }} as due_on,
        case
            when shop_code is null or event_id is null then 'missing_key'
            when {{ is_scientific('event_id') }} then 'id_in_scientific_notation'
            when occurred_at is null then 'bad_timestamp'
            when landed_quantity is not null and quantity is null then 'bad_amount'
            when
                coalesce(event_type, '') not in (
                    'page_view',
                    'add_to_cart',
                    'remove_from_cart',
                    'search',
                    'check_in',
                    'share', 'join'
                )
                then 'unknown_enum'
            when {{ local_date('occurred_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    record_key,
    'youzan' as channel_code,
    shop_code,
    event_id,
    event_type,
    yz_open_id,
    wechat_openid,
    wechat_unionid,
    device_id,
    item_code_raw,
    quantity,
    keyword,
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
