-- Merchant codes of the channels, parsed and judged. One row per landed row.

with

landed as (

    select
        codes.*,
        files.drop_date
    from {{ source('raw_pos', 'product_codes') }} as codes
    inner join {{ source('landing', 'files') }} as files
        on codes._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        lower({{ clean_id('channel') }}) as channel_code,
        {{ clean_id('merchant_code') }} as merchant_code,
        {{ clean_id('item_code') }} as item_code,
        {{ parse_timestamp('updated_at') }} as updated_at,
        {{ clean_text('updated_at') }} as landed_updated_at,
        {{ bigint_key(['item_code', 'updated_at']) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(['channel_code', 'merchant_code']) }} as code_key,
        coalesce({{ local_date('updated_at') }}, drop_date) as due_on,
        case
            when {{ is_totals_row(['channel_code', 'merchant_code']) }}
                then 'totals_row'
            when channel_code is null or merchant_code is null then 'missing_key'
            when
                {{ is_scientific('merchant_code') }}
                or {{ is_scientific('item_code') }}
                then 'id_in_scientific_notation'
            when landed_updated_at is not null and updated_at is null
                then 'bad_timestamp'
            when item_code is null then 'missing_required'
            when
                channel_code not in (
                    'tmall',
                    'youzan',
                    'douyin',
                    'xiaohongshu',
                    'kuaishou',
                    'mini_program'
                )
                then 'unknown_enum'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    code_key,
    channel_code,
    merchant_code,
    item_code,
    updated_at,
    due_on,
    {{ reject_reason() }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('code_key', 'updated_at') }}
)
