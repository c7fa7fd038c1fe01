-- The category that goes best with what marks a customer and that the customer has not
-- bought in a year. One row per customer who has such a gap.

with

preferences as (

    select * from {{ ref('int_purchases__category_preferences') }}

),

-- Numbered once, so that nobody's pairs have to be sorted.
pairs as (

    select
        *,
        row_number() over (
            partition by product_category
            order by lift desc, paired_category asc
        ) as pair_number
    from {{ ref('int_categories__pairs') }}

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

gaps as (

    select
        anchors.customer_id,
        anchors.product_category,
        min(pairs.pair_number) as pair_number
    from anchors
    inner join pairs on anchors.product_category = pairs.product_category
    left join bought
        on
            anchors.customer_id = bought.customer_id
            and pairs.paired_category = bought.product_category
    where bought.customer_id is null
    group by anchors.customer_id, anchors.product_category

),

final as (

    select
        gaps.customer_id,
        pairs.paired_category
    from gaps
    inner join pairs
        on
            gaps.product_category = pairs.product_category
            and gaps.pair_number = pairs.pair_number

)

select * from final
