-- Whether more of a consumable is taken at once inside promotions than outside. One row
-- per customer who bought consumables on both sides.

with

consumables as (

    select * from {{ ref('int_purchases__consumables') }}
    where
        product_consumption_days is not null
        and line_type = 'sale'

),

promotions as (

    select * from {{ ref('int_purchases__promotions') }}

),

cuts as (

    select * from {{ ref('tag_cuts') }}
    where
        cut_set = 'promotion_stock_up'
        and {{ as_of_date() }} between valid_from and valid_to

),

quantities as (

    select
        consumables.customer_id,
        sum(consumables.kept_quantity) filter (
            where promotions.parent_order_key is not null
        ) as window_quantity,
        sum(consumables.kept_quantity) filter (
            where promotions.parent_order_key is null
        ) as usual_quantity,
        count(promotions.parent_order_key) as window_line_count,
        count(*) - count(promotions.parent_order_key) as usual_line_count
    from consumables
    left join promotions
        on
            consumables.customer_id = promotions.customer_id
            and consumables.parent_order_key = promotions.parent_order_key
    group by consumables.customer_id

),

ratios as (

    select
        customer_id,
        -- Mean against mean, divided once.
        cast(
            window_quantity * usual_line_count / (usual_quantity * window_line_count)
            as numeric(18, 2)
        ) as quantity_ratio
    from quantities
    where
        window_line_count > 0
        and usual_line_count > 0

),

-- Cut as it is shown.
final as (

    select
        ratios.customer_id,
        ratios.quantity_ratio,
        cuts.label as stock_up
    from ratios
    left join cuts
        on
            ratios.quantity_ratio >= cuts.from_value
            and (cuts.to_value is null or ratios.quantity_ratio < cuts.to_value)

)

select * from final
