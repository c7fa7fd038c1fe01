-- Header fields of Youzan trades as text, out of their json. One row per landed row.
{{ config(materialized='view') }} -- read once, by base_youzan__trades

select
    trades._file_id,
    trades._row_no,
    trades.kdt_id,
    trades.tid,
    trades.update_time,
    files.drop_date,
    trade_header.*,
    {{ bigint_key([
        'trades.kdt_id', 'trades.update_time', 'trades.full_order_info',
    ]) }} as row_hash
from {{ source('raw_youzan', 'trades') }} as trades
inner join {{ source('landing', 'files') }} as files
    on trades._file_id = files.file_id
cross join
    lateral jsonb_to_record({{ json_object('trades.full_order_info') }})
        as parts (
            order_info jsonb, pay_info jsonb, buyer_info jsonb, address_info jsonb
        )
cross join lateral jsonb_to_record(
    {{ json_object('parts.order_info') }} || {{ json_object('parts.pay_info') }}
    || {{ json_object('parts.buyer_info') }} || {{ json_object('parts.address_info') }}
) as trade_header (
    type text, status text, created text, deposit_time text, pay_time text,
    consign_time text, success_time text, pay_no text, origin_tid text, deposit text,
    total_fee text, shop_discount text, platform_discount text, coupon_fee text,
    points_fee text, post_fee text, tax_fee text, goods_fee text, payment text,
    refunded_fee text, yz_open_id text, buyer_phone text, weixin_openid text,
    weixin_unionid text, receiver_name text, receiver_tel text,
    delivery_province text, delivery_city text, delivery_district text
)
