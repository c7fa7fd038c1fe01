-- Shares and their openings, parsed and judged. One row per landed row.

with

landed as (

    select
        openings.*,
        files.drop_date
    from {{ source('raw_mini_program', 'shares') }} as openings
    inner join {{ source('landing', 'files') }} as files
        on openings._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('share_id') }} as share_id,
        {{ clean_id('openid') }} as sharer_openid,
        {{ clean_text('page') }} as page,
        {{ clean_id('outer_sku_id') }} as item_code_raw,
        {{ parse_timestamp('shared_at') }} as shared_at,
        {{ clean_id('opened_openid') }} as opener_openid,
        {{ parse_timestamp('opened_at') }} as opened_at,
        {{ clean_text('opened_at') }} as landed_opened_at,
        {{ bigint_key([
            'openid', 'page', 'outer_sku_id', 'shared_at', 'opened_openid', 'opened_at',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'mini_program'", "'share'", 'share_id']) }} as share_key,
        {{ bigint_key([
            "'mini_program'", "'share'", 'share_id', 'opener_openid',
        ]) }} as record_key,
        {{ local_date('greatest(shared_at, opened_at)') }} as due_on,
        case
            when share_id is null or sharer_openid is null then 'missing_key'
            when {{ is_scientific('share_id') }} then 'id_in_scientific_notation'
            when
                shared_at is null
                or (landed_opened_at is not null and opened_at is null)
                then 'bad_timestamp'
            when (opener_openid is null) <> (opened_at is null) then 'missing_required'
            when {{ local_date('shared_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    record_key,
    share_key,
    'mini_program' as channel_code,
    'mini_program_club' as shop_code,
    share_id,
    sharer_openid,
    page,
    item_code_raw,
    shared_at,
    opener_openid,
    opened_at,
    coalesce(opened_at, shared_at) as observed_at,
    due_on,
    {{ reject_reason() }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('record_key') }}
)
