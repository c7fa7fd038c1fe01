-- Xiaohongshu refunds, parsed and judged. One row per landed row.

with

landed as (

    select
        reports.*,
        files.drop_date
    from {{ source('raw_xiaohongshu', 'refunds') }} as reports
    inner join {{ source('landing', 'files') }} as files
        on reports._file_id = files.file_id

),

parsed as (

    select
        *,
        {{ clean_id('"店铺ID"') }} as shop_code,
        {{ clean_id('售后单号') }} as refund_id,
        {{ clean_id('订单号') }} as order_id,
        {{ clean_id('子订单号') }} as line_id,
        {{ parse_amount('退款金额') }} as refund_amount,
        {{ parse_amount('退货数量', 3) }} as quantity,
        {{ parse_timestamp('申请时间') }} as applied_at,
        {{ parse_timestamp('完结时间') }} as completed_at,
        {{ parse_timestamp('更新时间') }} as updated_at,
        case coalesce({{ clean_text('售后类型') }}, '仅退款')
            when '仅退款' then 'refund_only'
            when '退货退款' then 'return'
            when '换货' then 'exchange'
        end as refund_type,
        case coalesce({{ clean_text('售后状态') }}, '处理中')
            when '处理中' then 'applied'
            when '已完成' then 'completed'
            when '已关闭' then 'closed'
        end as status
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'xiaohongshu'", "'refund'", 'refund_id']) }} as refund_key,
        {{ bigint_key([
            '"店铺ID"', '订单号', '子订单号', '售后类型', '售后状态', '退款金额',
            '退货数量', '售后原因', '申请时间', '完结时间', '更新时间',
        ]) }} as row_hash,
        {{ local_date('greatest(applied_at, updated_at)') }} as due_on,
        case
            when {{ is_totals_row(['"店铺ID"', '售后单号', '订单号']) }}
                then 'totals_row'
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
                or {{ count_texts(['完结时间', '更新时间']) }}
                > {{ count_values(['completed_at', 'updated_at']) }}
                then 'bad_timestamp'
            when
                refund_amount is null
                or ({{ clean_text('退货数量') }} is not null and quantity is null)
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
    {{ bigint_key(["'xiaohongshu'", "'order'", 'order_id']) }} as order_key,
    {{ bigint_key(["'xiaohongshu'", "'order_line'", 'line_id']) }} as order_line_key,
    'xiaohongshu' as channel_code,
    shop_code,
    refund_id,
    order_id,
    line_id,
    refund_type,
    status,
    refund_amount,
    quantity,
    {{ clean_text('售后原因') }} as reason,
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
