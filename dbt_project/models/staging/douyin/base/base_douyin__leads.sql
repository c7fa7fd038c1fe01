-- Contacts that people left on Douyin, parsed and judged. One row per landed row.

with

landed as (

    select
        clues.*,
        files.drop_date
    from {{ source('raw_douyin', 'leads') }} as clues
    inner join {{ source('landing', 'files') }} as files
        on clues._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('shop_id') }} as shop_code,
        {{ clean_id('clue_id') }} as lead_id,
        {{ clean_id('doudian_open_id') }} as douyin_open_id,
        case coalesce(lower({{ clean_id('clue_source') }}), 'form')
            when 'form' then 'form'
            when 'message' then 'private_message'
            when 'live' then 'live'
            when 'video' then 'video'
        end as lead_source,
        {{ clean_text('name') }} as name,
        {{ clean_phone('telephone') }} as phone,
        coalesce(lower({{ clean_id('is_verified') }}) in ('1', 'true'), false)
            as is_phone_verified,
        {{ clean_id('item_id') }} as content_id,
        {{ clean_id('ad_id') }} as ad_id,
        case lower({{ clean_id('clue_status') }})
            when 'new' then 'new'
            when 'following' then 'following'
            when 'converted' then 'converted'
            when 'invalid' then 'invalid'
        end as status,
        {{ parse_timestamp('create_time') }} as submitted_at,
        {{ parse_timestamp('first_follow_time') }} as followed_up_at,
        {{ parse_timestamp('update_time') }} as updated_at,
        {{ count_texts(['first_follow_time', 'update_time']) }} as landed_time_count,
        {{ bigint_key([
            'shop_id', 'doudian_open_id', 'clue_source', 'name', 'telephone',
            'is_verified', 'item_id', 'ad_id', 'clue_status', 'create_time',
            'first_follow_time', 'update_time',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'douyin'", "'lead'", 'lead_id']) }} as record_key,
        {{ local_date('greatest(submitted_at, updated_at)') }} as due_on,
        case
            when {{ is_totals_row(['shop_code', 'lead_id']) }} then 'totals_row'
            when shop_code is null or lead_id is null then 'missing_key'
            when {{ is_scientific('lead_id') }} then 'id_in_scientific_notation'
            when
                submitted_at is null
                or landed_time_count
                > {{ count_values(['followed_up_at', 'updated_at']) }}
                then 'bad_timestamp'
            when lead_source is null or status is null then 'unknown_enum'
            when {{ local_date('submitted_at') }} > drop_date + 1
                then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    record_key,
    'douyin' as channel_code,
    shop_code,
    lead_id,
    lead_source,
    status,
    douyin_open_id,
    name,
    is_phone_verified,
    -- A phone that only was typed may be anybody's: it says nothing about who asks.
    case when is_phone_verified then phone end as account_phone,
    case when not is_phone_verified then phone end as unverified_phone,
    content_id,
    ad_id,
    submitted_at,
    followed_up_at,
    updated_at,
    submitted_at as observed_at,
    due_on,
    {{ reject_reason() }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('record_key', 'updated_at') }}
)
