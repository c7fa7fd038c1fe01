-- Rows of WeCom that are not staged, with the rule each broke. One row per
-- rejected row.
{{ rejected_rows(ref('base_wecom__contacts'), 'contacts', 'wecom_external_userid') }}
union all
{{ rejected_rows(ref('base_wecom__guide_tasks'), 'guide_tasks', 'task_id') }}
union all
{{ rejected_rows(
    ref('base_wecom__id_conversions'), 'id_conversions', 'conversion_id'
) }}
union all
{{ rejected_rows(ref('base_wecom__qr_codes'), 'qr_codes', 'qr_code') }}
union all
{{ rejected_rows(ref('base_wecom__relations'), 'relations', 'event_id') }}
union all
{{ rejected_rows(ref('base_wecom__touches'), 'messages', 'touch_id') }}
