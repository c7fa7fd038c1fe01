-- The values of every tag, and those without one, add up to all customers.

with

counted as (

    select
        tag_code,
        sum(value_count) as row_count
    from {{ ref('tag_value_counts') }}
    where
        base_date = {{ as_of_date() }}
        and entity = 'customer'
    group by tag_code

),

everyone as (

    select count(*) as row_count from {{ ref('customer_tags_wide') }}

)

select
    counted.tag_code,
    counted.row_count,
    everyone.row_count as customer_count
from counted
cross join everyone
where counted.row_count <> everyone.row_count
