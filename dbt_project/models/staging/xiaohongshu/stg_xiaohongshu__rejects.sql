-- Xiaohongshu rows that are not staged, with the rule each broke. One row per
-- rejected row.
{{ rejected_rows(
    ref('base_xiaohongshu__interactions'), 'interactions', 'interaction_id'
) }}
union all
{{ rejected_rows(ref('base_xiaohongshu__leads'), 'leads', 'lead_id') }}
union all
{{ rejected_rows(ref('base_xiaohongshu__notes'), 'notes', 'content_id') }}
