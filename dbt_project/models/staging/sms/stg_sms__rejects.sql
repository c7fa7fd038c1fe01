-- Rows of text messages that are not staged, with the rule each broke. One row per
-- rejected row.
{{ rejected_rows(ref('base_sms__touches'), 'receipts', 'out_id') }}
