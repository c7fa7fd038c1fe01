-- What staging holds arrives in the facts to the cent: goods of lines and of orders,
-- refunds of orders and of lines.
{{ config(meta={'dagster': {'ref': {'name': 'fct_orders'}}}) }}

with

staged as (

    select
        channel_code,
        'lines' as subject,
        count(*) as row_count,
        sum(goods_amount) as goods_amount
    from {{ ref('int_order_lines__unioned') }}
    group by channel_code

    union all

    select
        channel_code,
        'orders' as subject,
        count(*) as row_count,
        sum(goods_amount) as goods_amount
    from {{ ref('int_orders__unioned') }}
    group by channel_code

    union all

    select
        channel_code,
        'refunds' as subject,
        count(*) as row_count,
        sum(refund_amount) as goods_amount
    from {{ ref('int_refunds__unioned') }}
    group by channel_code

),

arrived as (

    select
        channel_code,
        'lines' as subject,
        count(*) as row_count,
        sum(goods_amount) as goods_amount
    from {{ ref('fct_order_lines') }}
    group by channel_code

    union all

    select
        channel_code,
        'orders' as subject,
        count(*) as row_count,
        sum(goods_amount) as goods_amount
    from {{ ref('fct_orders') }}
    group by channel_code

    union all

    select
        channel_code,
        'refunds' as subject,
        count(*) as row_count,
        sum(refund_amount) as goods_amount
    from {{ ref('fct_refunds') }}
    group by channel_code

)

select
    coalesce(staged.channel_code, arrived.channel_code) as channel_code,
    coalesce(staged.subject, arrived.subject) as subject,
    staged.row_count as staged_row_count,
    arrived.row_count as arrived_row_count,
    staged.goods_amount as staged_amount,
    arrived.goods_amount as arrived_amount
from staged
full outer join arrived
    on
        staged.channel_code = arrived.channel_code
        and staged.subject = arrived.subject
where
    staged.row_count is distinct from arrived.row_count
    or staged.goods_amount is distinct from arrived.goods_amount
