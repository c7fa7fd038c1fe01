-- How far identity reaches: records nobody can be named for, customers known in more
-- than one channel. One row per measure.
{{ config(materialized='view') }}

with

records as (

    select * from {{ ref('oneid_records') }}

),

customers as (

    select
        customer_id,
        count(*) as record_count,
        min(channel_code) <> max(channel_code) as is_cross_channel
    from records
    group by customer_id

),

final as (

    select
        'share_of_records_without_customer' as measure,
        cast(sum(record_count) filter (where customer_id is null) as numeric)
        / nullif(sum(record_count), 0) as measured_value
    from customers
    union all
    select
        'share_of_customers_in_several_channels' as measure,
        cast(count(*) filter (where is_cross_channel) as numeric)
        / nullif(count(*), 0) as measured_value
    from customers
    where customer_id is not null

)

select * from final
