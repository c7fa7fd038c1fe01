-- Customers a guide serves today: assigned to the guide, or the friend of the guide in
-- WeCom. One row per guide and customer.

with

served as (

    select
        staff_code,
        customer_id,
        true as is_assigned,
        false as is_friend
    from {{ ref('dim_guide_assignments') }}
    where
        valid_from <= {{ as_of_date() }}
        and (valid_to is null or valid_to >= {{ as_of_date() }})

    union all

    select
        staff_code,
        customer_id,
        false as is_assigned,
        true as is_friend
    from {{ ref('fct_guide_contacts') }}
    where
        is_current
        and customer_id is not null

),

final as (

    select
        staff_code,
        customer_id,
        bool_or(is_assigned) as is_assigned,
        bool_or(is_friend) as is_friend
    from served
    group by staff_code, customer_id

)

select * from final
