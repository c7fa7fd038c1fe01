{{ config(meta={'segment': {
    'name_zh': '积分临期',
    'description': '500 points or more expire within 30 days.',
    'kind': 'attributes',
    'owner': 'member_ops',
    'refresh': 'daily',
    'expected_size': [5, 300],
    'play': 'Points plus cash',
    'kpi': 'Redemption rate',
}}) }}

-- Of the group's points 30 days' earnings end at a time, a year after they were earned:
-- that is seldom 500. Only on 15 January a brand's whole year ends.
select customer_id
from {{ ref('customer_tags_wide') }}
where
    points_expiring_count_30d >= 500
