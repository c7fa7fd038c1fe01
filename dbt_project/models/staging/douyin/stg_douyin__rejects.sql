-- Douyin rows that are not staged, with the rule each broke. One row per rejected row.
{{ rejected_rows(ref('base_douyin__ad_exposures'), 'ad_exposures', 'exposure_id') }}
union all
{{ rejected_rows(ref('base_douyin__contents'), 'contents', 'content_id') }}
union all
{{ rejected_rows(ref('base_douyin__coupons'), 'coupons', 'coupon_id') }}
union all
{{ rejected_rows(ref('base_douyin__interactions'), 'interactions', 'interaction_id') }}
union all
{{ rejected_rows(ref('base_douyin__leads'), 'leads', 'lead_id') }}
union all
{{ rejected_rows(ref('base_douyin__members'), 'members', 'douyin_open_id') }}
union all
{{ rejected_rows(ref('base_douyin__order_lines'), 'orders.sku_order_list', 'line_id') }}
union all
{{ rejected_rows(ref('base_douyin__orders'), 'orders', 'order_id') }}
union all
{{ rejected_rows(ref('base_douyin__points'), 'points', 'points_id') }}
union all
{{ rejected_rows(ref('base_douyin__refunds'), 'refunds', 'refund_id') }}
union all
{{ rejected_rows(ref('base_douyin__reviews'), 'reviews', 'review_id') }}
