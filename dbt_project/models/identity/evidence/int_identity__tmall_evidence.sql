-- Which identifiers the records of Tmall show together, and when.
-- One row per shop, record type, anchor, set of identifiers and one of the set.
{{ config(materialized='view') }}
{{ identifier_evidence('tmall', ref('int_identity__tmall_records'), [
    ('tmall_ouid', 'account', 'tmall_ouid'),
    ('tmall_omid', 'account', 'tmall_omid'),
    ('phone', 'account', 'account_phone'),
    ('phone', 'receiver', 'receiver_phone'),
]) }}
