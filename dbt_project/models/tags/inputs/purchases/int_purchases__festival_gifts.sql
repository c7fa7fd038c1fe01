-- Gift sets bought before the feasts of two years. One row per customer who bought one.

with

consumables as (

    select * from {{ ref('int_purchases__consumables') }}
    where
        product_is_gift_set
        and line_type = 'sale'
        and paid_on > {{ dbt.dateadd('year', -2, as_of_date()) }}

),

festivals as (

    select * from {{ ref('lunar_festivals') }}
    where
        festival in ('spring_festival', 'mid_autumn')
        and falls_on > {{ dbt.dateadd('year', -2, as_of_date()) }}

),

-- Counted for the buyer: the receiver of a gift is somebody else.
final as (

    select
        consumables.customer_id,
        count(distinct consumables.parent_order_key) as gift_count
    from consumables
    inner join festivals
        on
            consumables.paid_on < festivals.falls_on
            and consumables.paid_on
            >= {{ dbt.dateadd('day', -45, 'festivals.falls_on') }}
    group by consumables.customer_id

)

select * from final
