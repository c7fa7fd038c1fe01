-- Store rows that are not staged, with the rule each broke. One row per rejected row.
{{ rejected_rows(ref('base_pos__campaigns'), 'campaigns', 'campaign_code') }}
union all
{{ rejected_rows(ref('base_pos__consents'), 'consents', 'consent_id') }}
union all
{{ rejected_rows(ref('base_pos__coupons'), 'coupons', 'coupon_id') }}
union all
{{ rejected_rows(
    ref('base_pos__guide_assignments'), 'guide_assignments', 'pos_member_no'
) }}
union all
{{ rejected_rows(ref('base_pos__members'), 'members', 'pos_member_no') }}
union all
{{ rejected_rows(ref('base_pos__order_lines'), 'receipt_lines', 'line_id') }}
union all
{{ rejected_rows(ref('base_pos__orders'), 'receipts', 'order_id') }}
union all
{{ rejected_rows(ref('base_pos__points'), 'points', 'points_id') }}
union all
{{ rejected_rows(ref('base_pos__product_codes'), 'product_codes', 'merchant_code') }}
union all
{{ rejected_rows(ref('base_pos__products'), 'products', 'item_code') }}
union all
{{ rejected_rows(ref('base_pos__refunds'), 'refunds', 'refund_id') }}
union all
{{ rejected_rows(ref('base_pos__service_cases'), 'service_cases', 'case_id') }}
union all
{{ rejected_rows(ref('base_pos__staff'), 'staff', 'staff_code') }}
union all
{{ rejected_rows(ref('base_pos__store_traffic'), 'store_traffic', 'store_code') }}
union all
{{ rejected_rows(ref('base_pos__stores'), 'stores', 'store_code') }}
union all
{{ rejected_rows(ref('base_pos__touches'), 'touches', 'touch_id') }}
