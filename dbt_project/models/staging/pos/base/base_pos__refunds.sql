-- Returns at the till, parsed and judged. One row per landed row.

with

landed as (

    select
        refund_rows.*,
        files.drop_date
    from {{ source('raw_pos', 'refunds') }} as refund_rows
    inner join {{ source('landing', 'files') }} as files
        on refund_rows._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('store_code') }} as store_code,
        {{ clean_id('refund_no') }} as refund_id,
        {{ clean_id('receipt_no') }} as receipt_no,
        {{ clean_id('line_no') }} as line_no,
        case upper({{ clean_id("coalesce(refund_type, 'RETURN')") }})
            when 'REFUND_ONLY' then 'refund_only'
            when 'RETURN' then 'return'
            when 'EXCHANGE' then 'exchange'
        end as refund_type,
        case upper({{ clean_id("coalesce(status, 'APPLIED')") }})
            when 'APPLIED' then 'applied'
            when 'DONE' then 'completed'
            when 'CLOSED' then 'closed'
        end as status,
        {{ parse_amount('refund_amount') }} as refund_amount,
        {{ parse_amount('quantity', 3) }} as quantity,
        {{ clean_text('reason') }} as reason,
        {{ parse_timestamp('applied_at') }} as applied_at,
        {{ parse_timestamp('completed_at') }} as completed_at,
        {{ parse_timestamp('updated_at') }} as updated_at,
        {{ clean_text('quantity') }} as landed_quantity,
        {{ count_texts(['completed_at', 'updated_at']) }} as landed_time_count,
        {{ bigint_key([
            'store_code', 'receipt_no', 'line_no', 'refund_type', 'status',
            'refund_amount', 'quantity', 'reason', 'applied_at', 'completed_at',
            'updated_at',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        store_code || '-' || receipt_no as order_id,
        store_code || '-' || receipt_no || '-' || line_no as line_id,
        {{ bigint_key(["'pos'", "'refund'", 'refund_id']) }} as refund_key,
        {{ local_date('greatest(applied_at, updated_at)') }} as due_on,
        case
            when {{ is_totals_row(['store_code', 'refund_id']) }} then 'totals_row'
            when
                store_code is null or refund_id is null
                or receipt_no is null or line_no is null
                then 'missing_key'
            when {{ is_scientific('refund_id') }} or {{ is_scientific('receipt_no') }}
                then 'id_in_scientific_notation'
            when
                applied_at is null
                or landed_time_count
                > {{ count_values(['completed_at', 'updated_at']) }}
                then 'bad_timestamp'
            when
                refund_amount is null
                or (landed_quantity is not null and quantity is null)
                then 'bad_amount'
            when refund_amount < 0 then 'negative_amount'
            when refund_type is null or status is null then 'unknown_enum'
            when {{ local_date('applied_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    refund_key,
    {{ bigint_key(["'pos'", "'order'", 'order_id']) }} as order_key,
    {{ bigint_key(["'pos'", "'order_line'", 'line_id']) }} as order_line_key,
    'pos' as channel_code,
    'pos_retail' as shop_code,
    refund_id,
    order_id,
    line_id,
    refund_type,
    status,
    refund_amount,
    quantity,
    reason,
    applied_at,
    completed_at,
    updated_at,
    due_on,
    {{ reject_reason() }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('refund_key', 'updated_at') }}
)
