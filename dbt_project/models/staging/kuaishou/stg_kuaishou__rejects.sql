-- Kuaishou rows that are not staged, with the rule each broke. One row per
-- rejected row.
{{ rejected_rows(
    ref('base_kuaishou__interactions'), 'interactions', 'interaction_id'
) }}
union all
{{ rejected_rows(ref('base_kuaishou__lives'), 'lives', 'content_id') }}
