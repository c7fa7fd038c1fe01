-- Registry of the nodes of the identity graph. One row per identifier and tenure;
-- node_id is dense and never renumbered, so it survives full refreshes.
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        full_refresh=false,
        indexes=[
            {'columns': ['node_id'], 'unique': true},
            {'columns': ['identifier_key', 'tenure_no'], 'unique': true},
        ],
    )
}}

with

tenures as (

    select * from {{ ref('int_identity__tenures') }}

),

identifiers as (

    select * from {{ ref('int_identity__identifiers') }}

),

registered as (

    select * from {{ rows_so_far({
        'identifier_key': 'bigint', 'tenure_no': 'integer', 'node_id': 'bigint',
    }) }} as so_far

),

high_water as (

    select coalesce(max(node_id), 0) as node_id from registered

),

final as (

    select
        high_water.node_id + row_number() over (
            order by identifiers.type_rank, tenures.identifier_key, tenures.tenure_no
        ) as node_id,
        tenures.identifier_key,
        tenures.tenure_no,
        identifiers.identifier_type,
        identifiers.scope,
        identifiers.value,
        {{ as_of_date() }} as registered_on
    from tenures
    inner join identifiers on tenures.identifier_key = identifiers.identifier_key
    cross join high_water
    left join registered
        on
            tenures.identifier_key = registered.identifier_key
            and tenures.tenure_no = registered.tenure_no
    where registered.node_id is null

)

select * from final
