-- Shops of the group: which channel, brand and legal entity. One row per shop.
select
    shop_code,
    channel_code,
    name_zh,
    brand_code,
    legal_entity
from {{ ref('shops') }}
