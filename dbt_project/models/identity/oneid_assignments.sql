-- Log of which node belongs to which customer. One row per node and change; append-only
-- and the only state of customer ids: map, history, aliases and changes are read from
-- it. A run appends its changes in one statement: a killed run has appended all or
-- nothing.
--
-- A component takes over the id of the customers whose largest part it holds; of
-- several it keeps the oldest. What is left gets new ids in the order of smallest
-- nodes, so the same days give the same ids anywhere.
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        full_refresh=false,
        indexes=[
            {'columns': ['assignment_no'], 'unique': true},
            {'columns': ['node_id']},
            {'columns': ['customer_id']},
        ],
    )
}}

with

components as (

    select * from {{ ref('oneid_components') }}

),

logged as (

    select * from {{ rows_so_far({
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

ranked as (

    select
        node_id,
        customer_id,
        row_number() over (partition by node_id order by assignment_no desc) as recency
    from logged

),

previous as (

    select
        node_id,
        customer_id
    from ranked
    where recency = 1 and customer_id is not null

),

parts as (

    select
        previous.customer_id,
        components.component_id,
        row_number() over (
            partition by previous.customer_id
            order by count(*) desc, components.component_id
        ) as part_rank
    from components
    inner join previous on components.node_id = previous.node_id
    group by previous.customer_id, components.component_id

),

inherited as (

    select
        component_id,
        min(customer_id) as customer_id
    from parts
    where part_rank = 1
    group by component_id

),

created as (

    select
        components.component_id,
        row_number() over (order by components.component_id) as creation_no
    from components
    left join inherited on components.component_id = inherited.component_id
    where
        inherited.component_id is null and components.node_id = components.component_id

),

current_nodes as (

    select
        components.node_id,
        coalesce(
            inherited.customer_id, high_water.customer_id + created.creation_no
        ) as customer_id
    from components
    cross join high_water
    left join inherited on components.component_id = inherited.component_id
    left join created on components.component_id = created.component_id

),

-- A node that may no longer link (its phone became a counter's) is released: null.
changed as (

    select
        coalesce(current_nodes.node_id, previous.node_id) as node_id,
        current_nodes.customer_id,
        previous.customer_id as previous_customer_id
    from current_nodes
    full outer join previous on current_nodes.node_id = previous.node_id
    where current_nodes.customer_id is distinct from previous.customer_id

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
