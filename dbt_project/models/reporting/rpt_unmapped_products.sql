-- Product codes by which no item of the master is known. One row per channel and code.
select
    channel_code,
    item_code_raw,
    count(*) as line_count,
    sum(goods_amount) as goods_amount,
    max(paid_on) as last_paid_on
from {{ ref('fct_order_lines') }}
where product_key is null
group by channel_code, item_code_raw
