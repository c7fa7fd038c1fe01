{{ config(meta={'segment': {
    'name_zh': '天猫会员未加企微',
    'description':
        'First bought on Tmall, a bound member, and no friend of ours in '
        'WeCom: to be brought from the public to the private domain.',
    'kind': 'attributes',
    'owner': 'crm',
    'refresh': 'daily',
    'expected_size': [50, 1500],
    'play': 'Parcel card, SMS',
    'kpi': 'Add rate, then the first private order',
}}) }}

select customer_id
from {{ ref('customer_tags_wide') }}
where
    channel_first_channel = 'tmall'
    and member_tier is not null
    and not wecom_is_friend
