-- Traffic tags of stores, of those that have a counter at the door: without one nobody
-- knows. One row per store.

with

stores as (

    select * from {{ ref('dim_stores') }}

),

counts as not materialized (

    select * from {{ ref('fct_store_traffic') }}
    where
        occurred_on > {{ dbt.dateadd('day', -30, as_of_date()) }}
        and occurred_on <= {{ as_of_date() }}

),

dayparts as (

    select * from {{ ref('tag_cuts') }}
    where
        cut_set = 'daypart_hour'
        and {{ as_of_date() }} between valid_from and valid_to

),

traffic as (

    select
        store_code,
        sum(entry_count) as entry_count,
        sum(receipt_count) as receipt_count,
        sum(goods_amount) as goods_amount,
        -- Where a counter sees the door only, nobody knows who passed by.
        case when count(passer_count) = count(*) then sum(passer_count) end
            as passer_count
    from counts
    group by store_code

),

ranked_dayparts as (

    select
        counts.store_code,
        dayparts.label as daypart,
        row_number() over (
            partition by counts.store_code
            order by sum(counts.entry_count) desc, dayparts.label asc
        ) as daypart_number
    from counts
    inner join dayparts
        on
            counts.hour_of_day >= dayparts.from_value
            and counts.hour_of_day < dayparts.to_value
    where counts.entry_count > 0
    group by counts.store_code, dayparts.label

),

final as (

    select
        stores.store_code,
        traffic.store_code is not null as store_has_counter,
        cast(traffic.entry_count as bigint) as store_entry_count_30d,
        -- More receipts than people is a counter that misses some.
        cast(
            case
                when traffic.receipt_count > traffic.entry_count then 1
                else traffic.receipt_count / nullif(traffic.entry_count, 0)
            end as numeric(9, 4)
        ) as store_conversion_rate_30d,
        cast(
            traffic.entry_count / nullif(traffic.passer_count, 0) as numeric(9, 4)
        ) as store_entry_rate_30d,
        cast(
            traffic.goods_amount / nullif(traffic.entry_count, 0) as numeric(18, 2)
        ) as store_goods_per_entry_amount_30d,
        ranked_dayparts.daypart as store_busiest_daypart_30d
    from stores
    left join traffic on stores.store_code = traffic.store_code
    left join ranked_dayparts
        on
            stores.store_code = ranked_dayparts.store_code
            and ranked_dayparts.daypart_number = 1

)

select * from final
