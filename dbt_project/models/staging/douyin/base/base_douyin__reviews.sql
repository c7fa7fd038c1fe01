-- Douyin product reviews, parsed and judged. One row per landed row.

with

landed as (

    select
        answers.*,
        files.drop_date
    from {{ source('raw_douyin', 'reviews') }} as answers
    inner join {{ source('landing', 'files') }} as files
        on answers._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('shop_id') }} as shop_code,
        {{ clean_id('comment_id') }} as review_id,
        {{ clean_id('order_id') }} as order_id,
        {{ clean_id('sku_order_id') }} as line_id,
        {{ clean_id('doudian_open_id') }} as douyin_open_id,
        {{ clean_id('code') }} as item_code_raw,
        {{ parse_amount('rank') }} as rating,
        {{ clean_text('content') }} as review_text,
        {{ clean_text('append_content') }} as follow_up_text,
        {{ parse_timestamp('create_time') }} as reviewed_at,
        {{ parse_timestamp('update_time') }} as updated_at,
        {{ clean_text('rank') }} as landed_rating,
        {{ clean_text('update_time') }} as landed_updated_at,
        {{ bigint_key([
            'shop_id', 'order_id', 'sku_order_id', 'doudian_open_id', 'code', 'rank',
            'content', 'append_content', 'create_time', 'update_time',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'douyin'", "'review'", 'review_id']) }} as record_key,
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
    'douyin' as channel_code,
    shop_code,
    review_id,
    order_id,
    line_id,
    douyin_open_id,
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
