-- Which identifiers the records of Douyin show together, and when.
-- One row per shop, record type, anchor, set of identifiers and one of the set.
{{ config(materialized='view') }}
{{ identifier_evidence('douyin', ref('int_identity__douyin_records'), [
    ('douyin_open_id', 'account', 'douyin_open_id'),
    ('douyin_union_id', 'account', 'douyin_union_id'),
    ('phone', 'account', 'account_phone'),
    ('phone', 'receiver', 'receiver_phone'),
    ('ad_device_hash', 'account', 'ad_device_hash'),
]) }}
