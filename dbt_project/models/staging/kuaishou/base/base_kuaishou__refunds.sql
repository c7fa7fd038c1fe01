-- Kuaishou refunds, parsed and judged. One row per landed row.

with

landed as (

    select
        answers.*,
        files.drop_date
    from {{ source('raw_kuaishou', 'refunds') }} as answers
    inner join {{ source('landing', 'files') }} as files
        on answers._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('shop_id') }} as shop_code,
        {{ clean_id('refund_id') }} as refund_id,
        {{ clean_id('oid') }} as order_id,
        {{ clean_id('item_oid') }} as line_id,
        case coalesce({{ clean_id('handling_way') }}, '1')
            when '1' then 'refund_only'
            when '10' then 'return'
            when '3' then 'exchange'
        end as refund_type,
        case coalesce({{ clean_id('status') }}, '10')
            when '10' then 'applied'
            when '60' then 'completed'
            when '70' then 'closed'
        end as status,
        {{ parse_fen('refund_fee') }} as refund_amount,
        {{ parse_amount('num', 3) }} as quantity,
        {{ clean_text('reason') }} as reason,
        {{ parse_timestamp('create_time') }} as applied_at,
        {{ parse_timestamp('end_time') }} as completed_at,
        {{ parse_timestamp('update_time') }} as updated_at,
        {{ count_texts(['end_time', 'update_time']) }} as landed_time_count,
        {{ count_texts(['refund_fee', 'num']) }} as landed_amount_count,
        {{ bigint_key([
            'shop_id', 'oid', 'item_oid', 'handling_way', 'status', 'refund_fee', 'num',
            'reason', 'create_time', 'end_time', 'update_time',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'kuaishou'", "'refund'", 'refund_id']) }} as refund_key,
        {{ local_date('greatest(applied_at, updated_at)') }} as due_on,
        case
            when
                shop_code is null or refund_id is null
                or order_id is null or line_id is null
                then 'missing_key'
            when {{ is_scientific('refund_id') }} then 'id_in_scientific_notation'
            when
                applied_at is null
                or landed_time_count
                > {{ count_values(['completed_at', 'updated_at']) }}
                then 'bad_timestamp'
            when
                refund_amount is null
                or landed_amount_count
                > {{ count_values(['refund_amount', 'quantity']) }}
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
    {{ bigint_key(["'kuaishou'", "'order'", 'order_id']) }} as order_key,
    {{ bigint_key(["'kuaishou'", "'order_line'", 'line_id']) }} as order_line_key,
    'kuaishou' as channel_code,
    shop_code,
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
