-- Store master, parsed and judged. One row per landed row.

with

landed as (

    select
        masters.*,
        files.drop_date
    from {{ source('raw_pos', 'stores') }} as masters
    inner join {{ source('landing', 'files') }} as files
        on masters._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('store_code') }} as store_code,
        {{ clean_text('name') }} as name,
        {{ clean_id('region_code') }} as region_code,
        lower({{ clean_id("coalesce(status, 'OPEN')") }}) as status,
        {{ parse_date('opened_on') }} as opened_on,
        {{ parse_timestamp('updated_at') }} as updated_at,
        {{ clean_text('updated_at') }} as landed_updated_at,
        {{ bigint_key(['name', 'region_code', 'status', 'opened_on', 'updated_at']) }}
            as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(['store_code']) }} as store_key,
        coalesce({{ local_date('updated_at') }}, drop_date) as due_on,
        case
            when {{ is_totals_row(['store_code']) }} then 'totals_row'
            when store_code is null then 'missing_key'
            when landed_updated_at is not null and updated_at is null
                then 'bad_timestamp'
            when name is null then 'missing_required'
            when status not in ('open', 'closed') then 'unknown_enum'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    store_code,
    name,
    region_code,
    status,
    opened_on,
    -- The export has no day of closing: it is the first row that says so.
    case
        when status = 'closed' then min(updated_at) over (
            partition by store_key, status, fault is null
        )
    end as closed_at,
    updated_at,
    due_on,
    {{ reject_reason() }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('store_key', 'updated_at') }}
)
