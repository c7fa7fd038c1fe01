-- Item masters of all channels that keep one. One row per item.
select
    product_key,
    item_code,
    barcode,
    name,
    department,
    category,
    product_type,
    manufacturer_code,
    list_price_amount,
    is_gift_set
from {{ ref('stg_pos__products') }}
where is_current
