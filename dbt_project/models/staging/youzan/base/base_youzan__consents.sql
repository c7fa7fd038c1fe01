-- Youzan consent changes, parsed and judged. One row per landed row.

with

landed as (

    select
        changes.*,
        files.drop_date
    from {{ source('raw_youzan', 'consents') }} as changes
    inner join {{ source('landing', 'files') }} as files
        on changes._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('kdt_id') }} as shop_code,
        {{ clean_id('consent_id') }} as consent_id,
        {{ clean_id('yz_open_id') }} as yz_open_id,
        lower({{ clean_id('channel') }}) as contact_channel,
        lower({{ clean_id('purpose') }}) as purpose,
        lower({{ clean_id('status') }}) as status,
        {{ parse_timestamp('occurred_at') }} as occurred_at,
        {{ bigint_key([
            'kdt_id', 'yz_open_id', 'channel', 'purpose', 'status', 'occurred_at',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'youzan'", "'consent'", 'consent_id']) }} as record_key,
        {{ local_date('occurred_at') }} as due_on,
        case
            when shop_code is null or consent_id is null or yz_open_id is null
                then 'missing_key'
            when {{ is_scientific('consent_id') }} then 'id_in_scientific_notation'
            when occurred_at is null then 'bad_timestamp'
            when
                coalesce(contact_channel, '') not in ('sms', 'wechat', 'phone', 'email')
                or coalesce(purpose, '') not in ('marketing', 'service', 'child_data')
                or coalesce(status, '') not in ('granted', 'withdrawn')
                then 'unknown_enum'
            when {{ local_date('occurred_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    record_key,
    'youzan' as channel_code,
    shop_code,
    consent_id,
    yz_open_id,
    contact_channel,
    purpose,
    status,
    occurred_at,
    occurred_at as observed_at,
    due_on,
    {{ reject_reason() }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('record_key') }}
)
