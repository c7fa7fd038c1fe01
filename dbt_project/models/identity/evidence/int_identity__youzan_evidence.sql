-- Which identifiers the records of Youzan show together, and when.
-- One row per shop, record type, anchor, set of identifiers and one of the set.
{{ config(materialized='view') }}
{{ identifier_evidence('youzan', ref('int_identity__youzan_records'), [
    ('yz_open_id', 'account', 'yz_open_id'),
    ('wechat_openid', 'account', 'wechat_openid'),
    ('wechat_unionid', 'account', 'wechat_unionid'),
    ('phone', 'account', 'account_phone'),
    ('phone', 'receiver', 'receiver_phone'),
    ('email', 'account', 'email'),
    ('device_id', 'account', 'device_id'),
]) }}
