-- Users of the members' club, parsed and judged. One row per landed row.

with

landed as (

    select
        profiles.*,
        files.drop_date
    from {{ source('raw_mini_program', 'users') }} as profiles
    inner join {{ source('landing', 'files') }} as files
        on profiles._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('openid') }} as wechat_openid,
        {{ clean_id('unionid') }} as wechat_unionid,
        {{ clean_phone('phone') }} as account_phone,
        {{ clean_text('phone') }} as account_phone_raw,
        {{ clean_id('device_id') }} as device_id,
        {{ clean_text('nick_name') }} as name,
        coalesce(lower({{ clean_id('is_member') }}) in ('true', '1'), false)
            as is_member,
        {{ clean_text('level') }} as tier,
        {{ clean_id('inviter_openid') }} as inviter_openid,
        {{ clean_id('scene') }} as scene,
        {{ parse_timestamp('created_at') }} as created_at,
        {{ parse_timestamp('member_created_at') }} as joined_at,
        {{ parse_timestamp('updated_at') }} as updated_at,
        {{ count_texts(['member_created_at', 'updated_at']) }} as landed_time_count,
        {{ bigint_key([
            'unionid', 'phone', 'device_id', 'nick_name', 'is_member', 'level',
            'inviter_openid', 'scene', 'created_at', 'member_created_at', 'updated_at',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'mini_program'", "'member'", 'wechat_openid']) }}
            as record_key,
        -- The inviter is a mention of somebody else: a record of its own.
        case
            when inviter_openid is not null
                then {{ bigint_key([
                    "'mini_program'", "'inviter'", 'wechat_openid',
                ]) }}
        end as inviter_record_key,
        {{ local_date('greatest(created_at, updated_at)') }} as due_on,
        case
            when wechat_openid is null then 'missing_key'
            when {{ is_scientific('wechat_openid') }} then 'id_in_scientific_notation'
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
    'mini_program' as channel_code,
    'mini_program_club' as shop_code,
    wechat_openid,
    wechat_unionid,
    account_phone,
    account_phone_raw,
    device_id,
    name,
    is_member,
    tier,
    inviter_record_key,
    inviter_openid,
    scene,
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
