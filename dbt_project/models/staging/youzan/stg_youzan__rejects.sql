-- Youzan rows that are not staged, with the rule each broke. One row per rejected row.
{{ rejected_rows(ref('base_youzan__consents'), 'consents', 'consent_id') }}
union all
{{ rejected_rows(ref('base_youzan__coupons'), 'coupons', 'coupon_id') }}
union all
{{ rejected_rows(ref('base_youzan__events'), 'events', 'event_id') }}
union all
{{ rejected_rows(ref('base_youzan__members'), 'customers', 'yz_open_id') }}
union all
{{ rejected_rows(ref('base_youzan__order_lines'), 'trades.orders', 'line_id') }}
union all
{{ rejected_rows(ref('base_youzan__points'), 'points', 'points_id') }}
union all
{{ rejected_rows(ref('base_youzan__refunds'), 'refunds', 'refund_id') }}
union all
{{ rejected_rows(ref('base_youzan__touches'), 'touches', 'touch_id') }}
union all
{{ rejected_rows(ref('base_youzan__trades'), 'trades', 'order_id') }}
