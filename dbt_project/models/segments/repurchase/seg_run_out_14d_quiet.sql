{{ config(meta={'segment': {
    'name_zh': '14天内用完(去重)',
    'description':
        'Who runs out within 14 days and hears nothing else about it: '
        'without those who get the cart reminder, the stage advice or a '
        'balance reminder. One message per person.',
    'kind': 'set_operation',
    'owner': 'crm',
    'refresh': 'daily',
    'expected_size': [80, 800],
    'play': 'Refill reminder by SMS',
    'kpi': 'Repurchase in the same category',
}}) }}

select customer_id from {{ ref('seg_run_out_14d') }}
except
select customer_id from {{ ref('seg_cart_unordered') }}
except
select customer_id from {{ ref('seg_formula_stage_up') }}
except
select customer_id from {{ ref('seg_double11_balance_due') }}
