-- Douyin after-sales, parsed and judged. One row per landed row.

with

landed as (

    select
        answers.*,
        files.drop_date
    from {{ source('raw_douyin', 'refunds') }} as answers
    inner join {{ source('landing', 'files') }} as files
        on answers._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('shop_id') }} as shop_code,
        {{ clean_id('aftersale_id') }} as refund_id,
        {{ clean_id('order_id') }} as order_id,
        {{ clean_id('sku_order_id') }} as line_id,
        case {{ clean_id("coalesce(aftersale_type, '1')") }}
            when '0' then 'return'
            when '1' then 'refund_only'
            when '3' then 'exchange'
        end as refund_type,
        case {{ clean_id("coalesce(aftersale_status, '6')") }}
            when '6' then 'applied'
            when '12' then 'completed'
            when '28' then 'closed'
        end as status,
        {{ parse_fen('refund_amount') }} as refund_amount,
        {{ parse_amount('aftersale_num', 3) }} as quantity,
        {{ clean_text('reason') }} as reason,
        {{ parse_timestamp('apply_time') }} as applied_at,
        {{ parse_timestamp('finish_time') }} as completed_at,
        {{ parse_timestamp('update_time') }} as updated_at,
        {{ count_texts(['finish_time', 'update_time']) }} as landed_time_count,
        {{ count_texts(['refund_amount', 'aftersale_num']) }} as landed_amount_count,
        {{ bigint_key([
            'shop_id', 'order_id', 'sku_order_id', 'aftersale_type', 'aftersale_status',
            'refund_amount', 'aftersale_num', 'reason', 'apply_time', 'finish_time',
            'update_time',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'douyin'", "'refund'", 'refund_id']) }} as refund_key,
        {{ local_date('greatest(applied_at, updated_at)') }} as due_on,
        case
            when
                shop_code is null or refund_id is null
                or order_id is null or line_id is null
                then 'missing_key'
            when
                {{ is_scientific('refund_id') }} or {{ is_scientific('order_id') }}
                or {{ is_scientific('line_id') }}
                then 'id_in_scientific_notation'
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
    {{ bigint_key(["'douyin'", "'order'", 'order_id']) }} as order_key,
    {{ bigint_key(["'douyin'", "'order_line'", 'line_id']) }} as order_line_key,
    'douyin' as channel_code,
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
