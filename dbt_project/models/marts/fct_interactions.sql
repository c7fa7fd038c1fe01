-- What people did with contents: views, likes, collects, comments, follows. One row per
-- interaction.

with

interactions as (

    select * from {{ ref('int_interactions__unioned') }}

),

records as (

    select * from {{ ref('oneid_records') }}

),

codes as (

    select * from {{ ref('int_products__codes') }}

),

final as (

    select
        interactions.interaction_key,
        interactions.record_key,
        records.customer_id,
        interactions.channel_code,
        interactions.shop_code,
        interactions.interaction_type,
        interactions.content_key,
        codes.product_key,
        interactions.scene,
        interactions.duration_seconds,
        interactions.occurred_at,
        interactions.occurred_on
    from interactions
    left join records on interactions.record_key = records.record_key
    left join codes on interactions.product_code_key = codes.product_code_key

)

select * from final
