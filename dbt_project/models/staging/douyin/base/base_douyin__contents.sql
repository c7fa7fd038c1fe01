-- Douyin videos and live sessions, parsed and judged. One row per landed row.

with

landed as (

    select
        reports.*,
        files.drop_date
    from {{ source('raw_douyin', 'contents') }} as reports
    inner join {{ source('landing', 'files') }} as files
        on reports._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('shop_id') }} as shop_code,
        {{ clean_id('item_id') }} as content_id,
        lower({{ clean_id('content_type') }}) as content_type,
        {{ clean_text('title') }} as title,
        {{ clean_text('topic') }} as topic,
        {{ clean_id('author_id') }} as author_id,
        {{ clean_text('author_name') }} as author_name,
        case coalesce({{ clean_id('author_type') }}, 'shop')
            when 'shop' then 'shop'
            when 'creator' then 'creator'
        end as author_type,
        {{ clean_id('code') }} as item_code_raw,
        {{ parse_timestamp('create_time') }} as published_at,
        {{ parse_timestamp('end_time') }} as ended_at,
        {{ parse_timestamp('update_time') }} as updated_at,
        {{ count_texts(['end_time', 'update_time']) }} as landed_time_count,
        {{ is_totals_row(['shop_id', 'item_id']) }} as is_totals_row,
        {{ bigint_key([
            'shop_id', 'content_type', 'title', 'topic', 'author_id', 'author_name',
            'author_type', 'code', 'create_time', 'end_time', 'update_time',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'douyin'", "'content'", 'content_id']) }} as content_key,
        {{ local_date('greatest(published_at, updated_at)') }} as due_on,
        case
            when is_totals_row then 'totals_row'
            when shop_code is null or content_id is null then 'missing_key'
            when {{ is_scientific('content_id') }} then 'id_in_scientific_notation'
            when
                published_at is null
                or landed_time_count > {{ count_values(['ended_at', 'updated_at']) }}
                then 'bad_timestamp'
            when content_type is null then 'missing_required'
            when content_type not in ('video', 'live') or author_type is null
                then 'unknown_enum'
            when {{ local_date('published_at') }} > drop_date + 1
                then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    content_key,
    'douyin' as channel_code,
    shop_code,
    content_id,
    content_type,
    title,
    topic,
    author_id,
    author_name,
    author_type,
    item_code_raw,
    published_at,
    ended_at,
    due_on,
    {{ reject_reason() }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('content_key', 'updated_at') }}
)
