{{ config(meta={'segment': {
    'name_zh': '红参客转护肤',
    'description':
        'Women of 30 to 49 who bought ginseng within 180 days and never '
        'skincare.',
    'kind': 'attributes',
    'owner': 'crm',
    'refresh': 'daily',
    'expected_size': [0, 150],
    'play': 'Sample in the parcel',
    'kpi': 'First skincare order',
}}) }}

select customer_id
from {{ ref('customer_tags_wide') }}
where
    brand_ginseng_days_since_last_order <= 180
    and brand_skincare_days_since_last_order is null
    and profile_gender = 'female'
    and profile_age_band in ('30_34', '35_39', '40_49')
