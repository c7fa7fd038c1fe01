-- Guides' QR codes, parsed and judged. One row per landed row.

with

landed as (

    select
        codes.*,
        files.drop_date
    from {{ source('raw_wecom', 'qr_codes') }} as codes
    inner join {{ source('landing', 'files') }} as files
        on codes._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('config_id') }} as qr_code,
        {{ clean_id('state') }} as qr_state,
        {{ clean_text('name') }} as name,
        {{ clean_id('user_id') }} as staff_code,
        {{ clean_id('store_code') }} as store_code,
        {{ parse_timestamp('created_at') }} as created_at,
        {{ parse_timestamp('updated_at') }} as updated_at,
        {{ count_texts(['created_at', 'updated_at']) }} as landed_time_count,
        {{ bigint_key([
            'state', 'name', 'user_id', 'store_code', 'created_at', 'updated_at',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(['qr_code']) }} as qr_code_key,
        coalesce({{ local_date('greatest(created_at, updated_at)') }}, drop_date)
            as due_on,
        case
            when {{ is_totals_row(['qr_code']) }} then 'totals_row'
            when qr_code is null then 'missing_key'
            when {{ is_scientific('qr_code') }} then 'id_in_scientific_notation'
            when landed_time_count > {{ count_values(['created_at', 'updated_at']) }}
                then 'bad_timestamp'
            when qr_state is null then 'missing_required'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    qr_code,
    qr_state,
    name,
    staff_code,
    store_code,
    created_at,
    updated_at,
    due_on,
    {{ reject_reason() }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('qr_code_key', 'updated_at') }}
)
