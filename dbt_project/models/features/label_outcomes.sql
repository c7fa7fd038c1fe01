-- What became of everything a model was asked, whatever the model. One row per model,
-- base_date, customer and brand ('all' where the question is not of a brand), as soon
-- as its label is known. A new model adds its labels here.
{{ config(materialized='view') }}

with

repurchase as (

    select
        'repurchase' as model_name,
        base_date,
        customer_id,
        brand_code,
        is_repurchased as is_yes
    from {{ ref('label_repurchase') }}

),

final as (

    select * from repurchase

)

select * from final
