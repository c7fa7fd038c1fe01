-- How buyers of one brand come to another: the share of a brand's buyers whose first
-- purchase of the other brand came on a later day. One row per ordered pair of brands.

with

rules as (

    select * from {{ ref('preference_rules') }}
    where subject = 'brand'

),

-- Resellers and test accounts do not say how people move between brands.
counted_customers as (

    select customer_id from {{ ref('tags_customer_risk') }}
    where risk_exclusion is null

),

brands as (

    select * from {{ ref('int_purchases__brands') }}
    where first_paid_on is not null

),

entries as (

    select
        brands.customer_id,
        brands.brand_code,
        brands.first_paid_on
    from brands
    inner join counted_customers
        on brands.customer_id = counted_customers.customer_id

),

brand_buyers as (

    select
        brand_code,
        count(*) as buyer_count
    from entries
    group by brand_code

),

moves as (

    select
        entries.brand_code,
        later_entries.brand_code as next_brand,
        count(*) as mover_count
    from entries
    inner join entries as later_entries
        on
            entries.customer_id = later_entries.customer_id
            and entries.first_paid_on < later_entries.first_paid_on
    group by entries.brand_code, later_entries.brand_code

),

final as (

    select
        moves.brand_code,
        moves.next_brand,
        moves.mover_count,
        cast(
            cast(moves.mover_count as numeric(38, 0)) / brand_buyers.buyer_count
            as numeric(9, 4)
        ) as move_rate
    from moves
    inner join brand_buyers on moves.brand_code = brand_buyers.brand_code
    inner join rules on moves.mover_count >= rules.min_buyer_count

)

select * from final
