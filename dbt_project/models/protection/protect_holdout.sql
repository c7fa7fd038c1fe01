-- Who gets no marketing at all, to measure what marketing does. One row per customer.

with

customers as (

    select customer_id from {{ ref('dim_customers') }}

),

holdouts as (

    select * from {{ ref('universal_holdouts') }}
    where {{ as_of_date() }} between valid_from and valid_to

),

hashed as (

    select
        customers.customer_id,
        holdouts.percent,
        -- The first 32 bits of md5(salt:customer_id), as a sync's own holdout.
        cast(
            cast(
                'x' || left(md5(holdouts.salt || ':' || customers.customer_id), 8)
                as bit(32)
            ) as bigint
        ) % 10000 as place
    from customers
    cross join holdouts

)

select distinct customer_id
from hashed
where place < percent * 100
