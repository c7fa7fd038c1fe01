-- Where a customer was seen in the year up to the scoring day: categories, brands and
-- channels bought, campaigns received. One row per customer, kind and code.

with

base_dates as (

    select * from {{ ref('feat_base_dates') }}
    where is_scoring

),

scope as (

    select * from {{ ref('feat_scope') }}

),

order_lines as (

    select
        customer_id,
        category,
        brand_code,
        channel_code,
        paid_on as seen_on,
        goods_amount
    from {{ ref('fct_order_lines') }}
    where is_valid_line and customer_id is not null

),

touches as (

    select
        customer_id,
        campaign_code,
        sent_on as seen_on
    from {{ ref('fct_touches') }}
    where status = 'delivered' and customer_id is not null

),

seen as (

    select
        customer_id,
        'category' as kind,
        category as code,
        seen_on,
        goods_amount
    from order_lines
    union all
    select
        customer_id,
        'brand' as kind,
        brand_code as code,
        seen_on,
        goods_amount
    from order_lines
    union all
    select
        customer_id,
        'channel' as kind,
        channel_code as code,
        seen_on,
        goods_amount
    from order_lines
    union all
    select
        customer_id,
        'campaign' as kind,
        campaign_code as code,
        seen_on,
        0 as goods_amount
    from touches

),

final as (

    select
        base_dates.base_date,
        seen.customer_id,
        seen.kind,
        seen.code,
        sum(seen.goods_amount) as goods_amount,
        count(distinct seen.seen_on) as day_count
    from base_dates
    inner join scope
        on base_dates.base_date = scope.base_date
    inner join seen
        on
            scope.customer_id = seen.customer_id
            and base_dates.base_date >= seen.seen_on
            and {{ dbt.dateadd('day', -365, 'base_dates.base_date') }} < seen.seen_on
    where seen.code is not null
    group by base_dates.base_date, seen.customer_id, seen.kind, seen.code

)

select * from final
