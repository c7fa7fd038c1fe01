-- Contacts left on Xiaohongshu, parsed and judged. One row per landed row.

with

landed as (

    select
        reports.*,
        files.drop_date
    from {{ source('raw_xiaohongshu', 'leads') }} as reports
    inner join {{ source('landing', 'files') }} as files
        on reports._file_id = files.file_id

),

parsed as (

    select
        *,
        {{ clean_id('"店铺ID"') }} as shop_code,
        {{ clean_id('"线索ID"') }} as lead_id,
        {{ clean_id('"来源笔记ID"') }} as content_id,
        {{ parse_timestamp('留资时间') }} as submitted_at,
        {{ parse_timestamp('首次跟进时间') }} as followed_up_at,
        {{ parse_timestamp('更新时间') }} as updated_at,
        coalesce({{ clean_text('手机号已验证') }} = '是', false) as is_phone_verified,
        case coalesce({{ clean_text('留资方式') }}, '私信')
            when '私信' then 'private_message'
            when '表单' then 'form'
        end as lead_source,
        case {{ clean_text('线索状态') }}
            when '新线索' then 'new'
            when '跟进中' then 'following'
            when '已转化' then 'converted'
            when '无效' then 'invalid'
        end as status
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'xiaohongshu'", "'lead'", 'lead_id']) }} as record_key,
        {{ bigint_key([
            '"店铺ID"', '"用户ID"', '留资方式', '称呼', '手机号', '手机号已验证', '"来源笔记ID"',
            '"广告计划ID"', '线索状态', '留资时间', '首次跟进时间', '更新时间',
        ]) }} as row_hash,
        {{ local_date('greatest(submitted_at, updated_at)') }} as due_on,
        case
            when {{ is_totals_row(['"店铺ID"', '"线索ID"', '"用户ID"']) }} then 'totals_row'
            when shop_code is null or lead_id is null then 'missing_key'
            when {{ is_scientific('lead_id') }} then 'id_in_scientific_notation'
            when
                submitted_at is null
                or {{ count_texts(['首次跟进时间', '更新时间']) }}
                > {{ count_values(['followed_up_at', 'updated_at']) }}
                then 'bad_timestamp'
            when {{ clean_text('线索状态') }} is null then 'missing_required'
            when lead_source is null or status is null then 'unknown_enum'
            when {{ local_date('submitted_at') }} > drop_date + 1
                then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    record_key,
    'xiaohongshu' as channel_code,
    shop_code,
    lead_id,
    lead_source,
    status,
    {{ clean_id('"用户ID"') }} as xhs_user_id,
    {{ clean_text('称呼') }} as name,
    is_phone_verified,
    -- A phone that only was typed may be anybody's: it says nothing about who asks.
    case when is_phone_verified then {{ clean_phone('手机号') }} end as account_phone,
    case when not is_phone_verified then {{ clean_phone('手机号') }} end
        as unverified_phone,
    content_id,
    {{ clean_id('"广告计划ID"') }} as ad_id,
    submitted_at,
    followed_up_at,
    -- The version may be later, but the phone was typed when the lead came in.
    submitted_at as observed_at,
    due_on,
    {{ reject_reason() }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('record_key', 'updated_at') }}
)
