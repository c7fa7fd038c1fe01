-- Everybody ever reached who is not a high-value buyer yet: the inputs of
-- ml.high_potential. One row per base_date and customer, devices and people who never
-- bought among them.

with

reached as (

    select * from {{ ref('feat_reached') }}

),

rules as (

    select * from {{ ref('high_value_rules') }}

),

final as (

    select reached.*
    from reached
    cross join rules
    where reached.goods_amount_90d < rules.high_value_amount

)

select * from final
