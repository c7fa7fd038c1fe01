-- One customer is one component and one component one customer; customers in the map are
-- active; an old id leads to an active one; no customer holds two values of a unique type.
{{ config(meta={'dagster': {'ref': {'name': 'oneid_customers'}}}) }}

with

id_map as (

    select * from {{ ref('oneid_map') }}

),

customers as (

    select * from {{ ref('oneid_customers') }}

),

mapped as (

    select
        components.component_id,
        id_map.customer_id
    from {{ ref('oneid_components') }} as components
    left join id_map on components.node_id = id_map.node_id
    group by components.component_id, id_map.customer_id

),

faults as (

    select 'component in several customers, or in none' as fault, component_id as id
    from mapped
    group by component_id
    having count(*) > 1 or min(customer_id) is null
    union all
    select 'customer in several components' as fault, customer_id as id
    from mapped
    group by customer_id
    having count(*) > 1
    union all
    select 'customer in the map is not active' as fault, id_map.customer_id as id
    from id_map
    left join customers
        on id_map.customer_id = customers.customer_id and customers.status = 'active'
    where customers.customer_id is null
    union all
    select 'old id leads nowhere' as fault, aliases.old_id as id
    from {{ ref('oneid_alias') }} as aliases
    left join customers
        on
            aliases.customer_id = customers.customer_id
            and customers.status = 'active'
    where aliases.customer_id is not null and customers.customer_id is null
    union all
    select 'two values of a unique type' as fault, id_map.customer_id as id
    from id_map
    inner join {{ ref('oneid_identifier_types') }} as types
        on id_map.identifier_type = types.identifier_type
    where types.is_unique
    group by id_map.customer_id, id_map.identifier_type, id_map.scope
    having count(distinct id_map.value) > 1

)

select * from faults
