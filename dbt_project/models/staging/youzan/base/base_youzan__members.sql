-- Youzan customer snapshots, parsed and judged. One row per landed row.

with

landed as (

    select
        customers.*,
        files.drop_date
    from {{ source('raw_youzan', 'customers') }} as customers
    inner join {{ source('landing', 'files') }} as files
        on customers._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('kdt_id') }} as shop_code,
        {{ clean_id('yz_open_id') }} as yz_open_id,
        {{ clean_phone('mobile') }} as account_phone,
        {{ clean_text('mobile') }} as account_phone_raw,
        {{ clean_id('weixin_openid') }} as wechat_openid,
        {{ clean_id('weixin_unionid') }} as wechat_unionid,
        lower({{ clean_id('email') }}) as email,
        {{ clean_text('name') }} as name,
        case {{ clean_id('gender') }}
            when '1' then 'male'
            when '2' then 'female'
            else 'unknown'
        end as gender,
        {{ parse_date('birthday') }} as birthday,
        {{ parse_date('baby_birthday') }} as baby_birthday,
        {{ clean_text('province') }} as province,
        {{ clean_text('city') }} as city,
        coalesce(lower({{ clean_id('is_member') }}) in ('true', '1'), false)
            as is_member,
        {{ clean_text('level') }} as tier,
        {{ parse_timestamp('created_at') }} as created_at,
        {{ parse_timestamp('member_created_at') }} as joined_at,
        {{ parse_timestamp('updated_at') }} as updated_at,
        {{ count_texts(['member_created_at', 'updated_at']) }} as landed_time_count,
        {{ bigint_key([
            'kdt_id', 'mobile', 'weixin_openid', 'weixin_unionid', 'email', 'name',
            'gender', 'birthday', 'baby_birthday', 'province', 'city', 'is_member',
            'level', 'created_at', 'member_created_at', 'updated_at',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'youzan'", "'member'", 'yz_open_id']) }} as record_key,
        {{ local_date('greatest(created_at, updated_at)') }} as due_on,
        case
            when shop_code is null or yz_open_id is null then 'missing_key'
            when {{ is_scientific('yz_open_id') }} then 'id_in_scientific_notation'
            when
                created_at is null
                or landed_time_count > {{ count_values(['joined_at', 'updated_at']) }}
                then 'bad_timestamp'
            when {{ local_date('created_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    record_key,
    'youzan' as channel_code,
    shop_code,
    yz_open_id,
    account_phone,
    account_phone_raw,
    wechat_openid,
    wechat_unionid,
    email,
    name,
    gender,
    birthday,
    baby_birthday,
    province,
    city,
    is_member,
    tier,
    created_at,
    joined_at,
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
