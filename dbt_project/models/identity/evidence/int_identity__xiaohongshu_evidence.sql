-- Which identifiers the records of Xiaohongshu show together, and when.
-- One row per shop, record type, anchor, set of identifiers and one of the set.
{{ config(materialized='view') }}
{{ identifier_evidence('xiaohongshu', ref('int_identity__xiaohongshu_records'), [
    ('xhs_user_id', 'account', 'xhs_user_id'),
    ('phone', 'account', 'account_phone'),
    ('phone', 'receiver', 'receiver_phone'),
    ('phone', 'lead', 'unverified_phone'),
]) }}
