-- Service tags. One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

open_cases as (

    select distinct customer_id
    from {{ ref('fct_refunds') }}
    where
        status = 'applied'
        and customer_id is not null

),

final as (

    select
        customers.customer_id,
        open_cases.customer_id is not null as service_has_open_case
    from customers
    left join open_cases on customers.customer_id = open_cases.customer_id

)

select * from final
