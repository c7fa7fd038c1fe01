-- Whom the models look at on which base_date. One row per base_date and customer:
-- everybody on the scoring day, a fixed draw of customers on the earlier origins, so
-- that training costs the same for any number of people. Employees are left out.
{{ config(post_hook="analyze {{ this }}") }} -- the joins below need its size

with

base_dates as (

    select * from {{ ref('feat_base_dates') }}

),

customers as (

    select customer_id from {{ ref('dim_customers') }}
    where not is_employee

),

drawn as (

    select
        customer_id,
        row_number() over (
            order by {{ bigint_key(['customer_id']) }}, customer_id
        ) as draw_no
    from customers

),

final as (

    select
        base_dates.base_date,
        drawn.customer_id
    from base_dates
    inner join drawn
        on base_dates.is_scoring or drawn.draw_no <= {{ var('training_customers') }}

)

select * from final
