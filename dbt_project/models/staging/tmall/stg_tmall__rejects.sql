-- Tmall rows that are not staged, with the rule each broke. One row per rejected row.
{{ rejected_rows(ref('base_tmall__coupons'), 'coupons', 'coupon_id') }}
union all
{{ rejected_rows(ref('base_tmall__members'), 'members', 'tmall_ouid') }}
union all
{{ rejected_rows(ref('base_tmall__order_lines'), 'order_lines', 'line_id') }}
union all
{{ rejected_rows(ref('base_tmall__orders'), 'orders', 'order_id') }}
union all
{{ rejected_rows(ref('base_tmall__points'), 'points', 'points_id') }}
union all
{{ rejected_rows(ref('base_tmall__refunds'), 'refunds', 'refund_id') }}
union all
{{ rejected_rows(ref('base_tmall__reviews'), 'reviews', 'review_id') }}
union all
{{ rejected_rows(ref('base_tmall__touches'), 'touches', 'touch_id') }}
