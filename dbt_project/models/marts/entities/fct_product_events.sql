-- What happened to each product: listing, prices, sales, returns,
-- reviews. One row per event.
{{ config(materialized='view', post_hook=[]) }}

with

products as (

    select * from {{ ref('dim_products') }}

),

versions as (

    select * from {{ ref('int_products__versions') }}

),

product_days as (

    select * from {{ ref('fct_product_days') }}

),

reviews as (

    select * from {{ ref('fct_reviews') }}
    where product_key is not null

),

sale_days as (

    select
        *,
        min(occurred_on) over (partition by product_key) as first_on,
        max(occurred_on) over (partition by product_key) as last_on,
        row_number() over (
            partition by product_key order by sold_amount desc, occurred_on asc
        ) as place
    from product_days
    where first_sold_at is not null

),

happened as (

    select
        versions.product_key,
        named.event_type,
        versions.version_at as occurred_at,
        versions.list_price_amount as amount,
        versions.former_list_price_amount as former_amount,
        cast(null as numeric(18, 3)) as quantity,
        cast(null as {{ dbt.type_string() }}) as detail
    from versions
    cross join
        lateral (
            values
            ('listed', versions.is_first),
            (
                'price_changed',
                versions.list_price_amount <> versions.former_list_price_amount
            )
        ) as named (event_type, has_happened)
    where named.has_happened

    union all

    select
        sale_days.product_key,
        named.event_type,
        named.occurred_at,
        sale_days.sold_amount as amount,
        null as former_amount,
        sale_days.sold_quantity as quantity,
        null as detail
    from sale_days
    cross join
        lateral (
            values
            (
                'first_sold',
                sale_days.occurred_on = sale_days.first_on,
                sale_days.first_sold_at
            ),
            (
                'last_sold',
                sale_days.occurred_on = sale_days.last_on
                and sale_days.last_on < {{ dbt.dateadd('day', -60, as_of_date()) }},
                sale_days.last_sold_at
            ),
            (
                'hot_day',
                sale_days.place = 1 and sale_days.first_on < sale_days.last_on,
                sale_days.first_sold_at
            )
        ) as named (event_type, has_happened, occurred_at)
    where named.has_happened

    union all

    select
        product_key,
        'returned' as event_type,
        first_returned_at as occurred_at,
        returned_amount as amount,
        null as former_amount,
        returned_quantity as quantity,
        null as detail
    from product_days
    where first_returned_at is not null

    union all

    select
        product_key,
        'reviewed' as event_type,
        min(reviewed_at) as occurred_at,
        null as amount,
        null as former_amount,
        count(*) as quantity,
        cast(round(avg(rating), 1) as {{ dbt.type_string() }}) as detail
    from reviews
    group by product_key, reviewed_on

),

final as (

    select
        'product' as entity_type,
        products.item_code as entity_key,
        happened.event_type,
        happened.occurred_at,
        happened.amount,
        happened.former_amount,
        happened.quantity,
        happened.detail
    from happened
    inner join products on happened.product_key = products.product_key

)

select * from final
