{{ config(materialized='frozen', meta={'segment': {
    'name_zh': '双11高潜',
    'description':
        'Bought in a 双11 before or active now, and likely to buy again: frozen '
        'when pre-sales open, so that the campaign is measured over those it '
        'began with.',
    'kind': 'snapshot',
    'snapshot_on': '2017-10-20',
    'owner': 'marketing',
    'refresh': 'daily',
    'expected_size': [200, 2000],
    'play': 'Deposit push',
    'kpi': 'Deposits, and orders on 11 November',
}}) }}

-- depends_on: {{ ref('oneid_alias') }}
select customer_id
from {{ ref('customer_tags_wide') }}
where
    (promotion_double11_count_3y >= 1 or behaviour_active_days_30d >= 3)
    and prediction_repurchase_band in ('high', 'mid')
