-- Every code under which a channel sells an item. One row per channel, kind and code.
-- A table with statistics: a million order lines look their product up in it.
{{ config(materialized='table', post_hook='analyze {{ this }}') }}

with

items as (

    select * from {{ ref('int_products__unioned') }}

),

merchant_codes as (

    select * from {{ ref('stg_pos__product_codes') }}

),

-- A bar code on two items names neither.
barcodes as (

    select
        barcode,
        min(product_key) as product_key
    from items
    where barcode is not null
    group by barcode
    having count(*) = 1

),

unioned as (

    select
        'pos' as channel_code,
        'item' as product_code_kind,
        item_code as product_code,
        product_key
    from items

    union all

    select
        'pos' as channel_code,
        'barcode' as product_code_kind,
        barcode as product_code,
        product_key
    from barcodes

    union all

    select
        merchant_codes.channel_code,
        'merchant' as product_code_kind,
        merchant_codes.merchant_code as product_code,
        items.product_key
    from merchant_codes
    inner join items on merchant_codes.item_code = items.item_code

),

final as (

    select
        {{ bigint_key(['channel_code', 'product_code_kind', 'product_code']) }}
            as product_code_key,
        *
    from unioned

)

select * from final
