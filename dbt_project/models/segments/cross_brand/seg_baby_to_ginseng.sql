{{ config(meta={'segment': {
    'name_zh': '母婴客转红参',
    'description':
        'Women of 25 to 39 who bought the baby brand within 180 days and '
        'never ginseng. Needs consent for use across the legal entities of '
        'the group.',
    'kind': 'attributes',
    'owner': 'crm',
    'refresh': 'daily',
    'expected_size': [0, 150],
    'play': 'Store coupon',
    'kpi': 'First ginseng order',
}}) }}

select customer_id
from {{ ref('customer_tags_wide') }}
where
    brand_baby_days_since_last_order <= 180
    and brand_ginseng_days_since_last_order is null
    and profile_gender = 'female'
    and profile_age_band in ('25_29', '30_34', '35_39')
