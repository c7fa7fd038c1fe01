-- Tmall product reviews, parsed and judged. One row per landed row.

with

landed as (

    select
        reviews.*,
        files.drop_date
    from {{ source('raw_tmall', 'reviews') }} as reviews
    inner join {{ source('landing', 'files') }} as files
        on reviews._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('"店铺ID"') }} as shop_code,
        {{ clean_id('"评价ID"') }} as review_id,
        {{ clean_id('订单编号') }} as order_id,
        {{ clean_id('子订单编号') }} as line_id,
        {{ clean_id('"买家OUID"') }} as tmall_ouid,
        {{ clean_id('商家编码') }} as item_code_raw,
        {{ parse_amount('评分') }} as rating,
        {{ clean_text('评价内容') }} as review_text,
        {{ clean_text('追加评价') }} as follow_up_text,
        {{ parse_timestamp('评价时间') }} as reviewed_at,
        {{ parse_timestamp('更新时间') }} as updated_at,
        {{ clean_text('评分') }} as landed_rating,
        {{ clean_text('更新时间') }} as landed_updated_at,
        {{ bigint_key([
            '"店铺ID"', '订单编号', '子订单编号', '"买家OUID"', '商家编码', '评分',
            '评价内容', '追加评价', '评价时间', '更新时间',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'tmall'", "'review'", 'review_id']) }} as record_key,
        {{ local_date('greatest(reviewed_at, updated_at)') }} as due_on,
        case
            when {{ is_totals_row(['shop_code', 'review_id']) }} then 'totals_row'
            when num_nulls(shop_code, review_id, order_id) > 0 then 'missing_key'
            when
                {{ is_scientific('review_id') }} or {{ is_scientific('order_id') }}
                or {{ is_scientific('line_id') }}
                then 'id_in_scientific_notation'
            when
                reviewed_at is null
                or (landed_updated_at is not null and updated_at is null)
                then 'bad_timestamp'
            when landed_rating is null then 'missing_required'
            when coalesce(rating, 0) not in (1, 2, 3, 4, 5) then 'unknown_enum'
            when {{ local_date('reviewed_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    record_key,
    'tmall' as channel_code,
    shop_code,
    review_id,
    order_id,
    line_id,
    tmall_ouid,
    item_code_raw,
    cast(rating as integer) as rating,
    review_text,
    follow_up_text,
    reviewed_at,
    updated_at,
    reviewed_at as observed_at,
    due_on,
    {{ reject_reason() }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('record_key', 'updated_at') }}
)
