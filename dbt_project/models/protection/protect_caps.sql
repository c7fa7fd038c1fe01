-- Who has had as much marketing as a cap allows. One row per customer, cap and, where
-- the cap is of each channel or brand, that one.

with

sends as (

    select * from {{ ref('protect_sends') }}

),

caps as (

    select * from {{ ref('frequency_caps') }}

),

due as (

    select
        sends.customer_id,
        caps.reason,
        case when caps.is_per_channel then sends.contact_channel end
            as contact_channel,
        case when caps.is_per_brand then sends.brand_code end as brand_code,
        caps.max_sends,
        sends.send_count
    from sends
    inner join caps
        on
            sends.sent_on > {{ as_of_date() }} - caps.window_days
            and sends.sent_on <= {{ as_of_date() }}

),

counted as (

    select
        customer_id,
        reason,
        contact_channel,
        brand_code,
        max_sends,
        sum(send_count) as send_count
    from due
    group by customer_id, reason, contact_channel, brand_code, max_sends

),

final as (

    select
        customer_id,
        reason,
        contact_channel,
        brand_code,
        send_count
    from counted
    where send_count >= max_sends

)

select * from final
