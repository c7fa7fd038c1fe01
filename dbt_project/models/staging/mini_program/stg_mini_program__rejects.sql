-- Rows of the members' club that are not staged, with the rule each broke. One row per
-- rejected row.
{{ rejected_rows(ref('base_mini_program__events'), 'events', 'event_id') }}
union all
{{ rejected_rows(ref('base_mini_program__id_changes'), 'id_changes', 'change_id') }}
union all
{{ rejected_rows(ref('base_mini_program__members'), 'users', 'wechat_openid') }}
union all
{{ rejected_rows(ref('base_mini_program__shares'), 'shares', 'share_id') }}
