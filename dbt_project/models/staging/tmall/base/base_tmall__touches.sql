-- Tmall campaign sends, parsed and judged. One row per landed row.

with

landed as (

    select
        sends.*,
        files.drop_date
    from {{ source('raw_tmall', 'touches') }} as sends
    inner join {{ source('landing', 'files') }} as files
        on sends._file_id = files.file_id

),

parsed as (

    select
        *,
        {{ clean_id('"店铺ID"') }} as shop_code,
        {{ clean_id('"发送ID"') }} as touch_id,
        {{ clean_id('"买家OUID"') }} as tmall_ouid,
        {{ parse_timestamp('发送时间') }} as sent_at,
        {{ parse_timestamp('点击时间') }} as clicked_at,
        {{ parse_timestamp('更新时间') }} as updated_at,
        lower({{ clean_text('触达方式') }}) as touch_channel,
        case {{ clean_text('回执状态') }}
            when '成功' then 'delivered'
            when '失败' then 'failed'
            when '退订' then 'unsubscribed'
        end as status
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'tmall'", "'touch'", 'touch_id']) }} as record_key,
        {{ bigint_key([
            '"店铺ID"', '活动编码', '"买家OUID"', '触达方式', '发送时间', '回执状态',
            '点击时间', '更新时间',
        ]) }} as row_hash,
        {{ local_date('greatest(sent_at, updated_at)') }} as due_on,
        case
            when {{ is_totals_row(['"店铺ID"', '"发送ID"']) }} then 'totals_row'
            when shop_code is null or touch_id is null or tmall_ouid is null
                then 'missing_key'
            when {{ is_scientific('touch_id') }} then 'id_in_scientific_notation'
            when
                sent_at is null
                or {{ count_texts(['点击时间', '更新时间']) }}
                > {{ count_values(['clicked_at', 'updated_at']) }}
                then 'bad_timestamp'
            when status is null or touch_channel not in ('sms', 'im')
                then 'unknown_enum'
            when {{ local_date('sent_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    record_key,
    'tmall' as channel_code,
    shop_code,
    touch_id,
    {{ clean_id('活动编码') }} as campaign_code,
    tmall_ouid,
    coalesce(touch_channel, 'sms') as touch_channel,
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
