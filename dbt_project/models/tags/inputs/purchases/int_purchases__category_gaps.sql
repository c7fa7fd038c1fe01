-- The category that goes best with what marks a customer and that the customer has not
-- bought in a year. One row per customer who has such a gap.

with

preferences as (

    select * from {{ ref('int_purchases__category_preferences') }}

),

pairs as (

    select * from {{ ref('int_categories__pairs') }}

),

bought as (

    select * from {{ ref('int_purchases__categories') }}
    where last_paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}

),

-- Groceries go with everything: what marks the customer says more than what costs most.
anchors as (

    select
        customer_id,
        coalesce(characteristic_category, preferred_category) as product_category
    from preferences

),

ranked as (

    select
        anchors.customer_id,
        pairs.paired_category,
        row_number() over (
            partition by anchors.customer_id
            order by pairs.lift desc, pairs.paired_category asc
        ) as pair_number
    from anchors
    inner join pairs on anchors.product_category = pairs.product_category
    left join bought
        on
            anchors.customer_id = bought.customer_id
            and pairs.paired_category = bought.product_category
    where bought.customer_id is null

),

final as (

    select
        customer_id,
        paired_category
    from ranked
    where pair_number = 1

)

select * from final
