-- The stage of formula the child is on. One row per customer who bought formula.

with

consumables as (

    select * from {{ ref('int_purchases__consumables') }}
    where
        product_formula_stage is not null
        and line_type = 'sale'

),

-- Two stages on one day are two children: the younger one decides.
ranked_formula_days as (

    select
        customer_id,
        min(product_formula_stage) as formula_stage,
        row_number() over (partition by customer_id order by paid_on desc)
            as formula_day_number
    from consumables
    group by customer_id, paid_on

),

final as (

    select
        customer_id,
        formula_stage
    from ranked_formula_days
    where formula_day_number = 1

)

select * from final
