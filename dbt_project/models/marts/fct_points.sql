-- Points earned, spent, expired and given back. One row per entry.

with

points as (

    select * from {{ ref('int_points__unioned') }}

),

records as (

    select * from {{ ref('oneid_records') }}

),

final as (

    select
        points.record_key as points_key,
        points.record_key,
        records.customer_id,
        points.channel_code,
        points.shop_code,
        points.entry_type,
        points.points,
        points.order_key,
        points.expires_on,
        points.occurred_at,
        points.occurred_on
    from points
    left join records on points.record_key = records.record_key

)

select * from final
