-- WeCom contacts, parsed and judged. One row per landed row.

with

landed as (

    select
        contacts.*,
        files.drop_date
    from {{ source('raw_wecom', 'contacts') }} as contacts
    inner join {{ source('landing', 'files') }} as files
        on contacts._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('external_userid') }} as wecom_external_userid,
        {{ clean_text('name') }} as name,
        {{ clean_id('unionid') }} as wechat_unionid,
        {{ clean_id('pending_id') }} as wecom_pending_id,
        {{ clean_text('remark') }} as remark,
        {{ json_array('remark_mobiles') }} as remark_phones_raw,
        {{ parse_timestamp('created_at') }} as created_at,
        {{ parse_timestamp('updated_at') }} as updated_at,
        {{ clean_text('updated_at') }} as landed_updated_at,
        {{ bigint_key([
            'name', 'unionid', 'pending_id', 'remark', 'remark_mobiles', 'created_at',
            'updated_at',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'wecom'", "'contact'", 'wecom_external_userid']) }}
            as record_key,
        {{ local_date('greatest(created_at, updated_at)') }} as due_on,
        case
            when wecom_external_userid is null then 'missing_key'
            when {{ is_scientific('wecom_external_userid') }}
                then 'id_in_scientific_notation'
            when
                created_at is null
                or (landed_updated_at is not null and updated_at is null)
                then 'bad_timestamp'
            when {{ local_date('created_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    record_key,
    'wecom' as channel_code,
    'wecom_group' as shop_code,
    wecom_external_userid,
    wechat_unionid,
    wecom_pending_id,
    name,
    remark,
    remark_phones_raw,
    created_at,
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
