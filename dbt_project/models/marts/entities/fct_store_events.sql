-- What happened to each store: opening, sales, visitors, guides. One row per event.
{{ config(materialized='view', post_hook=[]) }}

with

stores as (

    select * from {{ ref('int_stores__unioned') }}

),

guides as (

    select * from {{ ref('dim_guides') }}
    where role = 'guide'

),

sale_days as (

    select
        store_code,
        paid_on as occurred_on,
        min(paid_at) as first_sold_at,
        max(paid_at) as last_sold_at,
        sum(goods_amount) as amount,
        count(*) as receipt_count,
        min(paid_on) over (partition by store_code) as first_on,
        max(paid_on) over (partition by store_code) as last_on,
        row_number() over (
            partition by store_code order by sum(goods_amount) desc, paid_on asc
        ) as place
    from {{ ref('fct_orders') }}
    where store_code is not null and is_valid_order
    group by store_code, paid_on

),

traffic_days as (

    select
        store_code,
        occurred_on,
        sum(entry_count) as entry_count,
        row_number() over (
            partition by store_code
            order by sum(entry_count) desc, occurred_on asc
        ) as place
    from {{ ref('fct_store_traffic') }}
    group by store_code, occurred_on

),

happened as (

    select
        stores.store_code,
        named.event_type,
        named.occurred_at,
        cast(null as numeric(18, 2)) as amount,
        cast(null as numeric(18, 3)) as quantity,
        cast(null as {{ dbt.type_string() }}) as detail
    from stores
    cross join
        lateral (
            values
            ('opened', {{ local_midnight('stores.opened_on') }}),
            ('closed', stores.closed_at)
        ) as named (event_type, occurred_at)

    union all

    select
        sale_days.store_code,
        named.event_type,
        named.occurred_at,
        sale_days.amount,
        sale_days.receipt_count as quantity,
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
        store_code,
        'traffic_peak_day' as event_type,
        {{ local_midnight('occurred_on') }} as occurred_at,
        null as amount,
        entry_count as quantity,
        null as detail
    from traffic_days
    where place = 1

    union all

    select
        guides.store_code,
        named.event_type,
        named.occurred_at,
        null as amount,
        null as quantity,
        guides.staff_code as detail
    from guides
    cross join
        lateral (
            values
            ('guide_joined', {{ local_midnight('guides.hired_on') }}),
            ('guide_left', {{ local_midnight('guides.left_on') }})
        ) as named (event_type, occurred_at)

)

select
    'store' as entity_type,
    store_code as entity_key,
    event_type,
    occurred_at,
    amount,
    cast(null as numeric(18, 2)) as former_amount,
    quantity,
    detail
from happened
where occurred_at is not null
