-- Guide assignments, parsed and judged. One row per landed row.

with

landed as (

    select
        assignments.*,
        files.drop_date
    from {{ source('raw_pos', 'guide_assignments') }} as assignments
    inner join {{ source('landing', 'files') }} as files
        on assignments._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('member_no') }} as pos_member_no,
        {{ clean_id('staff_code') }} as staff_code,
        {{ parse_date('valid_from') }} as valid_from,
        {{ parse_date('valid_to') }} as valid_to,
        {{ parse_timestamp('updated_at') }} as updated_at,
        {{ count_texts(['valid_to', 'updated_at']) }} as landed_time_count,
        {{ bigint_key(['valid_to', 'updated_at']) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(['pos_member_no', 'staff_code', 'valid_from']) }}
            as assignment_key,
        greatest(valid_from, {{ local_date('updated_at') }}) as due_on,
        case
            when {{ is_totals_row(['pos_member_no']) }} then 'totals_row'
            when pos_member_no is null or staff_code is null then 'missing_key'
            when {{ is_scientific('pos_member_no') }} then 'id_in_scientific_notation'
            when
                valid_from is null
                or landed_time_count > {{ count_values(['valid_to', 'updated_at']) }}
                then 'bad_timestamp'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    {{ bigint_key(["'pos'", "'member'", 'pos_member_no']) }} as record_key,
    'pos' as channel_code,
    'pos_retail' as shop_code,
    pos_member_no,
    staff_code,
    valid_from,
    valid_to,
    updated_at,
    due_on,
    {{ reject_reason() }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('assignment_key', 'updated_at') }}
)
