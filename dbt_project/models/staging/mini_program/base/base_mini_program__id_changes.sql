-- Changes of users' bound phones (换绑), parsed and judged. One row per landed row.

with

landed as (

    select
        changes.*,
        files.drop_date
    from {{ source('raw_mini_program', 'id_changes') }} as changes
    inner join {{ source('landing', 'files') }} as files
        on changes._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('change_id') }} as change_id,
        {{ clean_id('openid') }} as wechat_openid,
        {{ clean_phone('old_phone') }} as former_phone,
        {{ clean_text('old_phone') }} as former_phone_raw,
        {{ clean_phone('new_phone') }} as account_phone,
        {{ clean_text('new_phone') }} as account_phone_raw,
        {{ parse_timestamp('changed_at') }} as changed_at,
        {{ bigint_key(['openid', 'old_phone', 'new_phone', 'changed_at']) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'mini_program'", "'id_change'", 'change_id']) }} as record_key,
        {{ local_date('changed_at') }} as due_on,
        case
            when change_id is null or wechat_openid is null then 'missing_key'
            when {{ is_scientific('change_id') }} then 'id_in_scientific_notation'
            when changed_at is null then 'bad_timestamp'
            when former_phone_raw is null or account_phone_raw is null
                then 'missing_required'
            when {{ local_date('changed_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    record_key,
    'mini_program' as channel_code,
    'mini_program_club' as shop_code,
    change_id,
    wechat_openid,
    former_phone,
    former_phone_raw,
    account_phone,
    account_phone_raw,
    changed_at,
    changed_at as observed_at,
    due_on,
    {{ reject_reason() }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('record_key') }}
)
