-- Which identifiers the records of Kuaishou show together, and when.
-- One row per shop, record type, anchor, set of identifiers and one of the set.
{{ config(materialized='view') }}
{{ identifier_evidence('kuaishou', ref('int_identity__kuaishou_records'), [
    ('kuaishou_open_id', 'account', 'kuaishou_open_id'),
    ('phone', 'account', 'account_phone'),
    ('phone', 'receiver', 'receiver_phone'),
]) }}
