-- Xiaohongshu rows that are not staged, with the rule each broke. One row per
-- rejected row.
{{ rejected_rows(
    ref('base_xiaohongshu__interactions'), 'interactions', 'interaction_id'
) }}
union all
{{ rejected_rows(ref('base_xiaohongshu__leads'), 'leads', 'lead_id') }}
union all
{{ rejected_rows(ref('base_xiaohongshu__members'), 'users', 'xhs_user_id') }}
union all
{{ rejected_rows(ref('base_xiaohongshu__notes'), 'notes', 'content_id') }}
union all
{{ rejected_rows(ref('base_xiaohongshu__order_lines'), 'order_lines', 'line_id') }}
union all
{{ rejected_rows(ref('base_xiaohongshu__orders'), 'orders', 'order_id') }}
union all
{{ rejected_rows(ref('base_xiaohongshu__refunds'), 'refunds', 'refund_id') }}
