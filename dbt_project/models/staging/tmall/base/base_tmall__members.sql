-- Tmall member snapshots, parsed and judged. One row per landed row.

with

landed as (

    select
        snapshots.*,
        files.drop_date
    from {{ source('raw_tmall', 'members') }} as snapshots
    inner join {{ source('landing', 'files') }} as files
        on snapshots._file_id = files.file_id

),

parsed as (

    select
        *,
        {{ clean_id('"店铺ID"') }} as shop_code,
        {{ clean_id('"会员OUID"') }} as tmall_ouid,
        {{ parse_timestamp('入会时间') }} as joined_at,
        {{ parse_timestamp('退会时间') }} as left_at,
        {{ parse_timestamp('更新时间') }} as updated_at
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'tmall'", "'member'", 'tmall_ouid']) }} as record_key,
        {{ bigint_key([
            '"店铺ID"', '"会员OMID"', '手机号', '姓名', '性别', '生日', '宝宝生日', '省',
            '市', '会员等级', '短信授权', '入会时间', '退会时间', '更新时间',
        ]) }} as row_hash,
        {{ local_date('greatest(joined_at, updated_at)') }} as due_on,
        case
            when {{ is_totals_row(['"店铺ID"', '"会员OUID"']) }} then 'totals_row'
            when shop_code is null or tmall_ouid is null then 'missing_key'
            when {{ is_scientific('tmall_ouid') }} then 'id_in_scientific_notation'
            when
                joined_at is null
                or {{ count_texts(['退会时间', '更新时间']) }}
                > {{ count_values(['left_at', 'updated_at']) }}
                then 'bad_timestamp'
            when {{ local_date('joined_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    record_key,
    {{ bigint_key(['record_key', 'row_hash']) }} as version_key,
    'tmall' as channel_code,
    shop_code,
    tmall_ouid,
    {{ clean_id('"会员OMID"') }} as tmall_omid,
    {{ clean_phone('手机号') }} as account_phone,
    {{ clean_text('手机号') }} as account_phone_raw,
    {{ clean_text('姓名') }} as name,
    case {{ clean_text('性别') }}
        when '男' then 'male'
        when '女' then 'female'
        else 'unknown'
    end as gender,
    {{ parse_date('生日') }} as birthday,
    {{ parse_date('宝宝生日') }} as baby_birthday,
    {{ clean_text('省') }} as province,
    {{ clean_text('市') }} as city,
    {{ clean_text('会员等级') }} as tier,
    case {{ clean_text('短信授权') }}
        when 'Y' then true
        when 'N' then false
    end as sms_consent,
    joined_at,
    left_at,
    coalesce(updated_at, joined_at) as version_at,
    coalesce(updated_at, joined_at) as observed_at,
    due_on,
    fault is null and row_number() over versions = 1 as is_current,
    {{ reject_reason(keeps_history=true) }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('record_key', 'updated_at') }}
)
