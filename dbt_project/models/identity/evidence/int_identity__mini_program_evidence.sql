-- Which identifiers the records of the members' club show together, and when.
-- One row per shop, record type, anchor, set of identifiers and one of the set.
{{ config(materialized='view') }}
{{ identifier_evidence('mini_program', ref('int_identity__mini_program_records'), [
    ('wechat_openid', 'account', 'wechat_openid'),
    ('wechat_unionid', 'account', 'wechat_unionid'),
    ('phone', 'account', 'account_phone'),
    ('device_id', 'account', 'device_id'),
]) }}
