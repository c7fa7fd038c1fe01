-- Contents that people meet: notes, videos, live sessions. One row per content.

with

contents as (

    select * from {{ ref('int_contents__unioned') }}

),

codes as (

    select * from {{ ref('int_products__codes') }}

),

final as (

    select
        contents.content_key,
        contents.channel_code,
        contents.shop_code,
        contents.content_id,
        contents.content_type,
        contents.title,
        contents.topic,
        contents.author_id,
        contents.author_name,
        contents.author_type,
        codes.product_key,
        contents.published_at,
        contents.published_on,
        contents.ended_at
    from contents
    left join codes on contents.product_code_key = codes.product_code_key

)

select * from final
