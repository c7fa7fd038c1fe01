-- Kuaishou member snapshots, parsed and judged. One row per landed row.

with

landed as (

    select
        snapshots.*,
        files.drop_date
    from {{ source('raw_kuaishou', 'members') }} as snapshots
    inner join {{ source('landing', 'files') }} as files
        on snapshots._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('shop_id') }} as shop_code,
        {{ clean_id('open_id') }} as kuaishou_open_id,
        {{ clean_phone('mobile') }} as account_phone,
        {{ clean_text('mobile') }} as account_phone_raw,
        {{ clean_text('name') }} as name,
        case upper({{ clean_id('gender') }})
            when 'M' then 'male'
            when 'F' then 'female'
            else 'unknown'
        end as gender,
        {{ parse_date('birthday') }} as birthday,
        {{ clean_text('province') }} as province,
        {{ clean_text('city') }} as city,
        {{ clean_text('level') }} as tier,
        case {{ clean_id('sms_accept') }}
            when '1' then true
            when '0' then false
        end as sms_consent,
        {{ parse_timestamp('join_time') }} as joined_at,
        {{ parse_timestamp('quit_time') }} as left_at,
        {{ parse_timestamp('update_time') }} as updated_at,
        {{ count_texts(['quit_time', 'update_time']) }} as landed_time_count,
        {{ bigint_key([
            'shop_id', 'mobile', 'name', 'gender', 'birthday', 'province', 'city',
            'level', 'sms_accept', 'join_time', 'quit_time', 'update_time',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'kuaishou'", "'member'", 'kuaishou_open_id']) }} as record_key,
        {{ local_date('greatest(joined_at, updated_at)') }} as due_on,
        case
            when shop_code is null or kuaishou_open_id is null then 'missing_key'
            when {{ is_scientific('kuaishou_open_id') }}
                then 'id_in_scientific_notation'
            when
                joined_at is null
                or landed_time_count > {{ count_values(['left_at', 'updated_at']) }}
                then 'bad_timestamp'
            when {{ local_date('joined_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    record_key,
    {{ bigint_key(['record_key', 'row_hash']) }} as version_key,
    'kuaishou' as channel_code,
    shop_code,
    kuaishou_open_id,
    account_phone,
    account_phone_raw,
    name,
    gender,
    birthday,
    province,
    city,
    tier,
    sms_consent,
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
