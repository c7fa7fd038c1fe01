-- Keys of the identity tables: every row has one, none has two.
{{ config(meta={'dagster': {'ref': {'name': 'oneid_map'}}}) }}

with

keys as (

    select 'int_identity__identifiers' as model, identifier_key as key
    from {{ ref('int_identity__identifiers') }}
    union all
    select 'oneid_identifiers' as model, node_id as key
    from {{ ref('oneid_identifiers') }}
    union all
    select 'oneid_components' as model, node_id as key from {{ ref('oneid_components') }}
    union all
    select 'oneid_assignments' as model, assignment_no as key
    from {{ ref('oneid_assignments') }}
    union all
    select 'oneid_map' as model, node_id as key from {{ ref('oneid_map') }}
    union all
    select 'oneid_customers' as model, customer_id as key
    from {{ ref('oneid_customers') }}
    union all
    select 'oneid_alias' as model, old_id as key from {{ ref('oneid_alias') }}
    union all
    select
        'oneid_links' as model,
        case when a < b then a * 4294967296 + b end as key
    from {{ ref('oneid_links') }}

)

select
    model,
    key,
    count(*) as row_count
from keys
group by model, key
having count(*) > 1 or key is null
