{{ config(meta={'segment': {
    'name_zh': '双11沉睡召回第二波',
    'description':
        'Who was written to in the first wave and has not bought since it was drawn, '
        'for the wave of 9 November. Control stays control.',
    'kind': 'set_operation',
    'owner': 'crm',
    'refresh': 'daily',
    'expected_size': [0, 200],
    'play': 'The offer that did better in the first wave',
    'kpi': 'Recall rate beside the control of the first wave',
}}) }}

select customer_id from {{ ref('seg_double11_sleeper_wave1') }}
where group_code <> 'control'
except
select customer_id from {{ ref('customer_tags_wide') }}
where
    purchase_days_since_last_order
    <= {{ dbt.datediff("cast('2017-11-01' as date)", as_of_date(), 'day') }}
