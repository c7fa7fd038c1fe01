-- Where an id that is no longer in use leads. One row per former id, flattened: the
-- current id is in use (or null when nothing was left to take over).

with recursive

history as (

    select * from {{ ref('oneid_history') }}

),

customers as (

    select * from {{ ref('oneid_customers') }}

),

-- The last and largest move of a former customer says who took over.
successors as (

    select
        from_customer_id,
        to_customer_id,
        row_number() over (
            partition by from_customer_id
            order by run_no desc, node_count desc, to_customer_id asc
        ) as preference
    from history

),

walk as (

    select
        customers.customer_id as old_id,
        successors.to_customer_id as customer_id
    from customers
    left join successors
        on
            customers.customer_id = successors.from_customer_id
            and successors.preference = 1
    where customers.status = 'former'
    union all
    select
        walk.old_id,
        successors.to_customer_id as customer_id
    from walk
    inner join customers
        on walk.customer_id = customers.customer_id
    inner join successors
        on
            walk.customer_id = successors.from_customer_id
            and successors.preference = 1
    where customers.status = 'former'

),

final as (

    select
        walk.old_id,
        max(customers.customer_id) as customer_id
    from walk
    left join customers
        on walk.customer_id = customers.customer_id and customers.status = 'active'
    group by walk.old_id

)

select * from final
