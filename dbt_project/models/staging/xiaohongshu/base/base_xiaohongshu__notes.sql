-- Xiaohongshu notes, parsed and judged. One row per landed row.

with

landed as (

    select
        reports.*,
        files.drop_date
    from {{ source('raw_xiaohongshu', 'notes') }} as reports
    inner join {{ source('landing', 'files') }} as files
        on reports._file_id = files.file_id

),

parsed as (

    select
        *,
        {{ clean_id('"店铺ID"') }} as shop_code,
        {{ clean_id('"笔记ID"') }} as content_id,
        {{ parse_timestamp('发布时间') }} as published_at,
        {{ parse_timestamp('更新时间') }} as updated_at,
        case coalesce({{ clean_text('笔记类型') }}, '图文')
            when '图文' then 'note'
            when '视频' then 'video'
        end as content_type,
        case coalesce({{ clean_text('作者类型') }}, '用户')
            when '店铺' then 'shop'
            when '达人' then 'creator'
            when '用户' then 'user'
        end as author_type
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'xiaohongshu'", "'content'", 'content_id']) }} as content_key,
        {{ bigint_key([
            '"店铺ID"', '笔记类型', '标题', '话题', '"作者ID"', '作者昵称', '作者类型', '商家编码',
            '发布时间', '更新时间',
        ]) }} as row_hash,
        {{ local_date('greatest(published_at, updated_at)') }} as due_on,
        case
            when {{ is_totals_row(['"店铺ID"', '"笔记ID"']) }} then 'totals_row'
            when shop_code is null or content_id is null then 'missing_key'
            when {{ is_scientific('content_id') }} then 'id_in_scientific_notation'
            when
                published_at is null
                or ({{ clean_text('更新时间') }} is not null and updated_at is null)
                then 'bad_timestamp'
            when content_type is null or author_type is null then 'unknown_enum'
            when {{ local_date('published_at') }} > drop_date + 1
                then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    content_key,
    'xiaohongshu' as channel_code,
    shop_code,
    content_id,
    content_type,
    {{ clean_text('标题') }} as title,
    {{ clean_text('话题') }} as topic,
    {{ clean_id('"作者ID"') }} as author_id,
    {{ clean_text('作者昵称') }} as author_name,
    author_type,
    {{ clean_id('商家编码') }} as item_code_raw,
    published_at,
    cast(null as timestamptz) as ended_at,
    due_on,
    {{ reject_reason() }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('content_key', 'updated_at') }}
)
