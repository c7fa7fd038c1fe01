-- Campaign sheet of the group, parsed and judged. One row per landed row.

with

landed as (

    select
        sheets.*,
        files.drop_date
    from {{ source('raw_pos', 'campaigns') }} as sheets
    inner join {{ source('landing', 'files') }} as files
        on sheets._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('campaign_code') }} as campaign_code,
        {{ clean_text('name') }} as name,
        case {{ clean_text('campaign_type') }}
            when 'Type A' then 'type_a'
            when 'Type B' then 'type_b'
            when 'Type C' then 'type_c'
            else lower({{ clean_text('campaign_type') }})
        end as campaign_type,
        {{ parse_date('starts_on') }} as starts_on,
        {{ parse_date('ends_on') }} as ends_on,
        {{ parse_timestamp('updated_at') }} as updated_at,
        {{ clean_text('updated_at') }} as landed_updated_at,
        {{ bigint_key([
            'name', 'campaign_type', 'starts_on', 'ends_on', 'updated_at',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(['campaign_code']) }} as campaign_key,
        coalesce({{ local_date('updated_at') }}, drop_date) as due_on,
        case
            when {{ is_totals_row(['campaign_code']) }} then 'totals_row'
            when campaign_code is null then 'missing_key'
            when
                starts_on is null or ends_on is null
                or (landed_updated_at is not null and updated_at is null)
                then 'bad_timestamp'
            when name is null then 'missing_required'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    campaign_code,
    name,
    campaign_type,
    starts_on,
    ends_on,
    updated_at,
    due_on,
    {{ reject_reason() }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('campaign_key', 'updated_at') }}
)
