-- What each change of an item made of its list price. One row per item and version.
select
    {{ bigint_key(['product_key', '_file_id', '_row_no']) }} as version_key,
    product_key,
    item_code,
    version_at,
    list_price_amount,
    row_number() over (
        partition by product_key
        order by version_at, _file_id, _row_no
    ) = 1 as is_first,
    lag(list_price_amount) over (
        partition by product_key
        order by version_at, _file_id, _row_no
    ) as former_list_price_amount
from {{ ref('stg_pos__products') }}
