-- Ids of contacts turned into unionids, parsed and judged. One row per landed row.
--
-- A pending id lives 90 days: what WeCom answers later may be of somebody else.

with

landed as (

    select
        conversions.*,
        files.drop_date
    from {{ source('raw_wecom', 'id_conversions') }} as conversions
    inner join {{ source('landing', 'files') }} as files
        on conversions._file_id = files.file_id

),

first_sightings as (

    select
        wecom_pending_id,
        min(observed_at) as first_seen_at
    from {{ ref('base_wecom__contacts') }}
    where wecom_pending_id is not null and reject_reason is null
    group by wecom_pending_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('conversion_id') }} as conversion_id,
        {{ clean_id('pending_id') }} as wecom_pending_id,
        {{ clean_id('external_userid') }} as wecom_external_userid,
        {{ clean_id('unionid') }} as wechat_unionid,
        {{ parse_timestamp('converted_at') }} as converted_at,
        {{ bigint_key([
            'pending_id', 'external_userid', 'unionid', 'converted_at',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        parsed.*,
        {{ bigint_key(["'wecom'", "'id_conversion'", 'parsed.conversion_id']) }}
            as record_key,
        {{ local_date('parsed.converted_at') }} as due_on,
        case
            when {{ is_totals_row(['parsed.conversion_id']) }} then 'totals_row'
            when
                parsed.conversion_id is null
                or coalesce(parsed.wecom_pending_id, parsed.wecom_external_userid)
                is null
                then 'missing_key'
            when {{ is_scientific('parsed.conversion_id') }}
                then 'id_in_scientific_notation'
            when parsed.converted_at is null then 'bad_timestamp'
            when parsed.wechat_unionid is null then 'missing_required'
            when {{ local_date('parsed.converted_at') }} > parsed.drop_date + 1
                then 'implausible_date'
            when
                parsed.converted_at
                > {{ dbt.dateadd('day', 90, 'first_sightings.first_seen_at') }}
                then 'expired_pending_id'
        end as fault
    from parsed
    left join first_sightings
        on parsed.wecom_pending_id = first_sightings.wecom_pending_id
    {{ evaluate_once() }}

)

select
    record_key,
    'wecom' as channel_code,
    'wecom_group' as shop_code,
    conversion_id,
    wecom_pending_id,
    wecom_external_userid,
    wechat_unionid,
    converted_at,
    converted_at as observed_at,
    due_on,
    {{ reject_reason() }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('record_key') }}
)
