{{ config(meta={'segment': {
    'name_zh': '沉睡唤醒策略组',
    'description':
        'Everybody asleep, each in one group, the first that takes them: one in '
        'ten is left alone, friends in WeCom of V3 and above are written to, '
        'who has a coupon or points about to end is reminded, the rest get an '
        'SMS.',
    'kind': 'priority_split',
    'owner': 'crm',
    'refresh': 'daily',
    'expected_size': [50, 600],
    'play': 'One message per person, by group',
    'kpi': 'Recall rate of each group beside control',
    'groups': {
        'control': '对照',
        'wecom': '企微一对一',
        'benefit': '权益到期提醒',
        'sms': '短信',
    },
}}) }}

select
    customer_id,
    case
        when
            {{ bucket_of("'sleeping_plan_2018:' || customer_id") }} < 1000
            then 'control'
        when wecom_is_friend and value_tier in ('v3', 'v4', 'v5') then 'wecom'
        when
            coupon_expiring_count_7d >= 1
            or points_expiring_count_30d >= 500
            then 'benefit'
        else 'sms'
    end as group_code
from {{ ref('customer_tags_wide') }}
where
    lifecycle_stage = 'sleeping'
