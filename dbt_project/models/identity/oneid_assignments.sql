-- Log of which node belongs to which customer: the only state of customer ids. One row
-- per node and change; a run appends its changes in one statement, all or nothing.
-- An id goes with its first identifier (highest type, then oldest); of several a
-- component keeps the oldest, else revives one of before a merge, else gets a new one.
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        full_refresh=false,
        indexes=[{'columns': ['assignment_no'], 'unique': true}],
    )
}}

with

components as (

    select
        components.component_id,
        components.node_id,
        nodes.type_rank,
        nodes.first_seen_at
    from {{ ref('oneid_components') }} as components
    inner join {{ ref('int_identity__nodes') }} as nodes
        on components.node_id = nodes.node_id

),

logged as (

    select
        *,
        row_number() over (partition by node_id order by assignment_no desc) as recency
    from {{ rows_so_far({
        'assignment_no': 'bigint', 'run_no': 'bigint',
        'node_id': 'bigint', 'customer_id': 'bigint',
    }) }} as so_far

),

high_water as (

    select
        coalesce(max(assignment_no), 0) as assignment_no,
        coalesce(max(run_no), 0) as run_no,
        coalesce(max(customer_id), 0) as customer_id
    from logged

),

-- An id is held by the nodes that have it; one out of use, by those that ever had it.
held as (

    select
        customer_id,
        node_id,
        min(recency) as recency,
        min(min(recency)) over (partition by customer_id) as id_recency
    from logged
    where customer_id is not null
    group by customer_id, node_id

),

previous as (

    select * from held
    where recency = 1

),

offers as (

    select
        held.customer_id,
        held.id_recency = 1 as is_in_use,
        components.component_id,
        row_number() over (
            partition by held.customer_id
            order by
                components.type_rank asc,
                components.first_seen_at asc,
                components.node_id asc
        ) as preference
    from held
    inner join components on held.node_id = components.node_id
    where held.recency = 1 or held.id_recency > 1

),

kept as (

    select
        component_id,
        coalesce(min(customer_id) filter (where is_in_use), min(customer_id))
            as customer_id
    from offers
    where preference = 1
    group by component_id

),

component_ids as (

    select
        components.component_id,
        coalesce(
            kept.customer_id,
            high_water.customer_id + row_number() over (
                partition by kept.component_id is null
                order by components.component_id
            )
        ) as customer_id
    from components
    cross join high_water
    left join kept on components.component_id = kept.component_id
    where components.node_id = components.component_id

),

-- A node that may no longer link (a counter's phone) is released: null.
changed as (

    select
        coalesce(components.node_id, previous.node_id) as node_id,
        component_ids.customer_id,
        previous.customer_id as previous_customer_id
    from components
    inner join component_ids on components.component_id = component_ids.component_id
    full outer join previous on components.node_id = previous.node_id
    where component_ids.customer_id is distinct from previous.customer_id

),

final as (

    select
        high_water.assignment_no + row_number() over (order by changed.node_id)
            as assignment_no,
        high_water.run_no + 1 as run_no,
        {{ as_of_date() }} as assigned_on,
        changed.node_id,
        changed.customer_id,
        changed.previous_customer_id
    from changed
    cross join high_water

)

select * from final
