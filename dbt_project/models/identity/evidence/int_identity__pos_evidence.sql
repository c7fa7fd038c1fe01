-- Which identifiers the records of the stores show together, and when.
-- One row per shop, record type, anchor, set of identifiers and one of the set.
{{ config(materialized='view') }}
{{ identifier_evidence('pos', ref('int_identity__pos_records'), [
    ('pos_member_no', 'account', 'pos_member_no'),
    ('phone', 'account', 'account_phone'),
    ('email', 'account', 'email'),
]) }}
