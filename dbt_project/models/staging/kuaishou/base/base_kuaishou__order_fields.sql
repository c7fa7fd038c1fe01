-- Header fields of Kuaishou orders as text, out of their json. One row per landed row.
{{ config(materialized='view') }} -- read once, by base_kuaishou__orders

select
    orders._file_id,
    orders._row_no,
    orders.shop_id,
    orders.oid,
    orders.update_time,
    files.drop_date,
    order_header.*,
    {{ bigint_key([
        'orders.shop_id', 'orders.update_time', 'orders.order_base_info',
        'orders.order_fee_info', 'orders.order_address', 'orders.order_item_list',
    ]) }} as row_hash
from {{ source('raw_kuaishou', 'orders') }} as orders
inner join {{ source('landing', 'files') }} as files
    on orders._file_id = files.file_id
cross join lateral jsonb_to_record(
    {{ json_object('orders.order_base_info') }}
    || {{ json_object('orders.order_fee_info') }}
    || {{ json_object('orders.order_address') }}
) as order_header (
    buyer_open_id text, order_type text, status text, create_time text,
    deposit_time text, pay_time text, send_time text, finish_time text, pay_no text,
    origin_oid text, total_fee text, shop_discount text, platform_discount text,
    coupon_fee text, points_fee text, express_fee text, tax_fee text, goods_fee text,
    pay_fee text, refund_fee text, deposit_fee text, receiver_name text,
    receiver_mobile text, province text, city text, district text
)
