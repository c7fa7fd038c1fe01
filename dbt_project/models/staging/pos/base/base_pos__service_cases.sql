-- Cases of the call centre and the service desks, parsed and judged. One row per landed
-- row.

with

landed as (

    select
        cases.*,
        files.drop_date
    from {{ source('raw_pos', 'service_cases') }} as cases
    inner join {{ source('landing', 'files') }} as files
        on cases._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('case_no') }} as case_id,
        lower({{ clean_id('case_type') }}) as case_type,
        lower({{ clean_id('channel') }}) as contact_channel,
        {{ clean_id('store_code') }} as store_code,
        {{ clean_id('member_no') }} as pos_member_no,
        {{ clean_phone('phone') }} as account_phone,
        {{ clean_text('phone') }} as account_phone_raw,
        lower({{ clean_id("coalesce(order_channel, 'pos')") }}) as order_channel_code,
        {{ clean_id('order_no') }} as order_id,
        {{ clean_id('item_code') }} as item_code,
        {{ parse_timestamp('opened_at') }} as opened_at,
        {{ parse_timestamp('first_reply_at') }} as first_reply_at,
        {{ parse_timestamp('closed_at') }} as closed_at,
        {{ parse_amount('satisfaction', 0) }} as satisfaction,
        {{ clean_text('satisfaction') }} as landed_satisfaction,
        {{ clean_text('content') }} as case_text,
        {{ parse_timestamp('updated_at') }} as updated_at,
        {{ count_texts(['first_reply_at', 'closed_at', 'updated_at']) }}
            as landed_time_count,
        {{ bigint_key([
            'case_type', 'channel', 'store_code', 'member_no', 'phone',
            'order_channel', 'order_no', 'item_code', 'opened_at', 'first_reply_at',
            'closed_at', 'satisfaction', 'content', 'updated_at',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'pos'", "'service_case'", 'case_id']) }} as record_key,
        {{ local_date('greatest(opened_at, updated_at)') }} as due_on,
        case
            when {{ is_totals_row(['case_id']) }} then 'totals_row'
            when case_id is null then 'missing_key'
            when {{ is_scientific('case_id') }} or {{ is_scientific('order_id') }}
                then 'id_in_scientific_notation'
            when
                opened_at is null
                or landed_time_count
                > {{ count_values(['first_reply_at', 'closed_at', 'updated_at']) }}
                then 'bad_timestamp'
            when landed_satisfaction is not null and satisfaction is null
                then 'bad_amount'
            when
                coalesce(case_type, '') not in (
                    'consult', 'complaint', 'return', 'repair', 'invoice'
                )
                or coalesce(contact_channel, '') not in ('phone', 'store', 'im')
                or satisfaction not between 1 and 5
                then 'unknown_enum'
            when {{ local_date('opened_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    record_key,
    'pos' as channel_code,
    'pos_retail' as shop_code,
    store_code,
    case_id,
    case_type,
    contact_channel,
    pos_member_no,
    account_phone,
    account_phone_raw,
    case
        when order_id is not null
            then {{ bigint_key(['order_channel_code', "'order'", 'order_id']) }}
    end as order_key,
    item_code,
    opened_at,
    first_reply_at,
    closed_at,
    cast(satisfaction as int) as satisfaction,
    case_text,
    updated_at,
    opened_at as observed_at,
    due_on,
    {{ reject_reason() }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('record_key', 'updated_at') }}
)
