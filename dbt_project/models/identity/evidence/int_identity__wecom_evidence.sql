-- Which identifiers the records of WeCom show together, and when.
-- One row per shop, record type, anchor, set of identifiers and one of the set.
{{ config(materialized='view') }}
{{ identifier_evidence('wecom', ref('int_identity__wecom_records'), [
    ('wecom_external_userid', 'account', 'wecom_external_userid'),
    ('wecom_pending_id', 'account', 'wecom_pending_id'),
    ('wechat_unionid', 'account', 'wechat_unionid'),
    ('phone', 'guide', 'noted_phone'),
]) }}
