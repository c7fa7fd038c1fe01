-- Snapshots of Xiaohongshu users (buyers, fans, members), parsed and judged. One row
-- per landed row.

with

landed as (

    select
        snapshots.*,
        files.drop_date
    from {{ source('raw_xiaohongshu', 'users') }} as snapshots
    inner join {{ source('landing', 'files') }} as files
        on snapshots._file_id = files.file_id

),

parsed as (

    select
        *,
        {{ clean_id('"店铺ID"') }} as shop_code,
        {{ clean_id('"用户ID"') }} as xhs_user_id,
        {{ parse_timestamp('建档时间') }} as created_at,
        {{ parse_timestamp('入会时间') }} as joined_at,
        {{ parse_timestamp('退会时间') }} as left_at,
        {{ parse_timestamp('更新时间') }} as updated_at
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'xiaohongshu'", "'member'", 'xhs_user_id']) }} as record_key,
        {{ bigint_key([
            '"店铺ID"', '昵称', '手机号', '性别', '生日', '宝宝生日', '省', '市', '是否粉丝',
            '是否会员', '会员等级', '短信授权', '建档时间', '入会时间', '退会时间', '更新时间',
        ]) }} as row_hash,
        {{ local_date('greatest(created_at, updated_at)') }} as due_on,
        case
            when {{ is_totals_row(['"店铺ID"', '"用户ID"']) }} then 'totals_row'
            when shop_code is null or xhs_user_id is null then 'missing_key'
            when {{ is_scientific('xhs_user_id') }} then 'id_in_scientific_notation'
            when
                created_at is null
                or {{ count_texts(['入会时间', '退会时间', '更新时间']) }}
                > {{ count_values(['joined_at', 'left_at', 'updated_at']) }}
                then 'bad_timestamp'
            when {{ local_date('created_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    record_key,
    {{ bigint_key(['record_key', 'row_hash']) }} as version_key,
    'xiaohongshu' as channel_code,
    shop_code,
    xhs_user_id,
    {{ clean_phone('手机号') }} as account_phone,
    {{ clean_text('手机号') }} as account_phone_raw,
    {{ clean_text('昵称') }} as name,
    case {{ clean_text('性别') }}
        when '男' then 'male'
        when '女' then 'female'
        else 'unknown'
    end as gender,
    {{ parse_date('生日') }} as birthday,
    {{ parse_date('宝宝生日') }} as baby_birthday,
    {{ clean_text('省') }} as province,
    {{ clean_text('市') }} as city,
    coalesce({{ clean_text('是否粉丝') }} = '是', false) as is_fan,
    coalesce({{ clean_text('是否会员') }} = '是', false) as is_member,
    {{ clean_text('会员等级') }} as tier,
    case {{ clean_text('短信授权') }}
        when 'Y' then true
        when 'N' then false
    end as sms_consent,
    created_at,
    joined_at,
    left_at,
    coalesce(updated_at, created_at) as version_at,
    coalesce(updated_at, created_at) as observed_at,
    due_on,
    fault is null and row_number() over versions = 1 as is_current,
    {{ reject_reason(keeps_history=true) }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('record_key', 'updated_at') }}
)
