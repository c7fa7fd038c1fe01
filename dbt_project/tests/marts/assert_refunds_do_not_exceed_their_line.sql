-- No more comes back than was paid for a line. A warning: shops do give back freight or
-- pay for damage, and the refund stays as it is.
{{ config(severity='warn') }}

select
    channel_code,
    line_id,
    goods_amount,
    refunded_amount
from {{ ref('fct_order_lines') }}
where refunded_amount > goods_amount
