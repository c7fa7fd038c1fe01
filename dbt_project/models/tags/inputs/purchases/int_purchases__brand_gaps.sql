-- The brand that buyers of a customer's main brand come to most and that the customer
-- has never bought. One row per customer who has such a gap.

with

brands as (

    select * from {{ ref('int_purchases__brands') }}

),

main_brands as (

    select * from {{ ref('int_purchases__brands') }}
    where is_main_brand

),

transitions as (

    select * from {{ ref('int_brands__transitions') }}

),

ranked as (

    select
        main_brands.customer_id,
        transitions.next_brand,
        row_number() over (
            partition by main_brands.customer_id
            order by transitions.move_rate desc, transitions.next_brand asc
        ) as brand_number
    from main_brands
    inner join transitions on main_brands.brand_code = transitions.brand_code
    left join brands
        on
            main_brands.customer_id = brands.customer_id
            and transitions.next_brand = brands.brand_code
            and brands.first_paid_on is not null
    where brands.customer_id is null

),

final as (

    select
        customer_id,
        next_brand
    from ranked
    where brand_number = 1

)

select * from final
