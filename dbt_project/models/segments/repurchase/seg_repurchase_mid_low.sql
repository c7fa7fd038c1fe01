{{ config(meta={'segment': {
    'name_zh': '下月回购中低概率',
    'description':
        'Predicted repurchasers of their main brand who may need a nudge: '
        'mid and low band. The high band is left alone; the sync holds 10% '
        'out.',
    'kind': 'attributes',
    'owner': 'crm',
    'refresh': 'daily',
    'expected_size': [0, 2000],
    'play': 'Coupon in the month the scores are frozen for',
    'kpi': 'Repurchase of the treated beside the high band and the held-out',
}}) }}

select customer_id
from {{ ref('customer_tags_wide') }}
where
    prediction_repurchase_band in ('mid', 'low')
