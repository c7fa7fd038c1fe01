{{ config(meta={'segment': {
    'name_zh': '月购客三组试验',
    'description':
        'Monthly buyers in random thirds: stamp card, threshold coupon, nothing. '
        'Who once was drawn into a group stays in it.',
    'kind': 'random_split',
    'owner': 'crm',
    'refresh': 'daily',
    'expected_size': [50, 600],
    'play': 'Two-trip stamp card against a threshold coupon',
    'kpi': 'Orders per 60 days of each group beside control',
    'groups': {
        'stamp_card': '集章卡',
        'threshold': '满减券',
        'control': '对照',
    },
}}) }}

select
    customer_id,
    case
        when
            {{ bucket_of("'monthly_buyer_trial_2018:' || customer_id") }} < 3333
            then 'stamp_card'
        when
            {{ bucket_of("'monthly_buyer_trial_2018:' || customer_id") }} < 6667
            then 'threshold'
        else 'control'
    end as group_code
from {{ ref('seg_monthly_buyer') }}
