-- Staff master, parsed and judged. One row per landed row.

with

landed as (

    select
        masters.*,
        files.drop_date
    from {{ source('raw_pos', 'staff') }} as masters
    inner join {{ source('landing', 'files') }} as files
        on masters._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('staff_code') }} as staff_code,
        {{ clean_text('name') }} as name,
        {{ clean_phone('phone') }} as work_phone,
        {{ clean_text('phone') }} as work_phone_raw,
        {{ clean_id('store_code') }} as store_code,
        lower({{ clean_id('role') }}) as role,
        lower({{ clean_id('status') }}) as status,
        {{ parse_date('hired_on') }} as hired_on,
        {{ parse_date('left_on') }} as left_on,
        {{ parse_timestamp('updated_at') }} as updated_at,
        {{ clean_text('updated_at') }} as landed_updated_at,
        {{ bigint_key([
            'name', 'phone', 'store_code', 'role', 'status', 'hired_on', 'left_on',
            'updated_at',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(['staff_code']) }} as staff_key,
        coalesce({{ local_date('updated_at') }}, drop_date) as due_on,
        case
            when {{ is_totals_row(['staff_code']) }} then 'totals_row'
            when staff_code is null then 'missing_key'
            when landed_updated_at is not null and updated_at is null
                then 'bad_timestamp'
            when store_code is null then 'missing_required'
            when
                coalesce(role, '') not in ('guide', 'cashier', 'manager')
                or coalesce(status, '') not in ('active', 'leaving', 'left')
                then 'unknown_enum'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    staff_code,
    name,
    work_phone,
    work_phone_raw,
    store_code,
    role,
    status,
    hired_on,
    left_on,
    updated_at,
    due_on,
    {{ reject_reason() }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('staff_key', 'updated_at') }}
)
