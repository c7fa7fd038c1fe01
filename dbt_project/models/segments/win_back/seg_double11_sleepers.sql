{{ config(materialized='frozen', meta={'segment': {
    'name_zh': '双11高召回沉睡客',
    'description':
        'Asleep in their main brand and likely to come back, frozen when the first '
        'wave was drawn: both waves and their control are measured over them.',
    'kind': 'snapshot',
    'snapshot_on': '2017-11-01',
    'owner': 'crm',
    'refresh': 'daily',
    'expected_size': [0, 300],
    'play': 'None by itself: the waves are drawn from it',
    'kpi': 'Recall rate',
}}) }}

-- depends_on: {{ ref('oneid_alias') }}
select customer_id
from {{ ref('customer_tags_wide') }}
where
    lifecycle_stage = 'sleeping'
    and prediction_reactivation_band = 'high'
