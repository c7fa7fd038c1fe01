-- Service cases of all channels in one shape. One row per case.
select
    record_key,
    channel_code,
    shop_code,
    store_code,
    case_id,
    case_type,
    contact_channel,
    order_key,
    case
        when item_code is not null
            then {{ bigint_key(['channel_code', "'item'", 'item_code']) }}
    end as product_code_key,
    opened_at,
    {{ local_date('opened_at') }} as opened_on,
    first_reply_at,
    closed_at,
    satisfaction,
    case_text
from {{ ref('stg_pos__service_cases') }}
