{{ config(meta={'segment': {
    'name_zh': '双11沉睡召回第一波',
    'description':
        'The frozen sleepers in random thirds: the offer the model chose, the offer '
        'the business would choose, nothing.',
    'kind': 'random_split',
    'owner': 'crm',
    'refresh': 'daily',
    'expected_size': [0, 300],
    'play':
        'Category gift of prediction_reactivation_category or threshold gift, by '
        'prediction_reactivation_offer; WeCom against MMS',
    'kpi': 'Recall rate of each group beside control',
    'groups': {
        'model': '模型组',
        'business': '业务组',
        'control': '对照组',
    },
}}) }}

select
    customer_id,
    case
        when
            {{ bucket_of("'double11_sleepers_2017:' || customer_id") }} < 3333
            then 'model'
        when
            {{ bucket_of("'double11_sleepers_2017:' || customer_id") }} < 6667
            then 'business'
        else 'control'
    end as group_code
from {{ ref('seg_double11_sleepers') }}
