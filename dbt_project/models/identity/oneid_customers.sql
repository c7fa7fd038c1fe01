-- Every customer id ever given. One row per id; only `active` ones hold identifiers
-- today.

with

assignments as (

    select * from {{ ref('oneid_assignments') }}
    where customer_id is not null

),

identifiers as (

    select * from {{ ref('int_identity__identifiers') }}

),

id_map as (

    select * from {{ ref('oneid_map') }}
    where customer_id is not null

),

node_counts as (

    select
        id_map.customer_id,
        count(*) as identifier_count,
        min(coalesce(id_map.valid_from, identifiers.first_seen_at)) as first_seen_at
    from id_map
    inner join identifiers on id_map.identifier_key = identifiers.identifier_key
    group by id_map.customer_id

),

creations as (

    select
        customer_id,
        min(assigned_on) as created_on
    from assignments
    group by customer_id

),

final as (

    select
        creations.customer_id,
        creations.created_on,
        {{ local_date('node_counts.first_seen_at') }} as first_seen_on,
        case
            when node_counts.customer_id is null then 'former' else 'active'
        end as status,
        coalesce(node_counts.identifier_count, 0) as identifier_count
    from creations
    left join node_counts on creations.customer_id = node_counts.customer_id

)

select * from final
