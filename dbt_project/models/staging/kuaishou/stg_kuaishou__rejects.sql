-- Kuaishou rows that are not staged, with the rule each broke. One row per
-- rejected row.
{{ rejected_rows(
    ref('base_kuaishou__interactions'), 'interactions', 'interaction_id'
) }}
union all
{{ rejected_rows(ref('base_kuaishou__lives'), 'lives', 'content_id') }}
union all
{{ rejected_rows(ref('base_kuaishou__members'), 'members', 'kuaishou_open_id') }}
union all
{{ rejected_rows(
    ref('base_kuaishou__order_lines'), 'orders.order_item_list', 'line_id'
) }}
union all
{{ rejected_rows(ref('base_kuaishou__orders'), 'orders', 'order_id') }}
union all
{{ rejected_rows(ref('base_kuaishou__refunds'), 'refunds', 'refund_id') }}
