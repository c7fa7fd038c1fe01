-- What buyers wrote about products. One row per review.

with

reviews as (

    select * from {{ ref('int_reviews__unioned') }}

),

records as not materialized (

    select * from {{ ref('oneid_records') }}

),

codes as (

    select * from {{ ref('int_products__codes') }}

),

final as (

    select
        reviews.record_key as review_key,
        reviews.record_key,
        -- A review that hides its writer is the buyer's.
        coalesce(records.customer_id, buyers.customer_id) as customer_id,
        reviews.channel_code,
        reviews.shop_code,
        reviews.review_id,
        reviews.order_key,
        reviews.order_line_key,
        codes.product_key,
        reviews.rating,
        reviews.review_text,
        reviews.follow_up_text,
        reviews.reviewed_at,
        reviews.reviewed_on
    from reviews
    left join records on reviews.record_key = records.record_key
    left join records as buyers on reviews.order_key = buyers.record_key
    left join codes on reviews.product_code_key = codes.product_code_key

)

select * from final
