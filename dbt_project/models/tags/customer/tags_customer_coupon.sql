-- Coupon tags, by where each coupon is in its life. One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

coupons as (

    select
        *,
        claimed_on > {{ dbt.dateadd('day', -365, as_of_date()) }} as is_claimed_365d,
        used_amount is not null
        and used_on > {{ dbt.dateadd('day', -365, as_of_date()) }} as is_used_365d,
        -- What can be used today.
        state in ('claimed', 'returned')
        and (valid_from is null or valid_from <= {{ as_of_date() }}) as is_in_hand
    from {{ ref('fct_coupon_states') }}
    where customer_id is not null

),

bands as (

    select * from {{ ref('tag_cuts') }}
    where
        cut_set = 'coupon_threshold'
        and {{ as_of_date() }} between valid_from and valid_to

),

coupon_summary as (

    select
        customer_id,
        count(*) filter (
            where is_in_hand
            and valid_to <= {{ dbt.dateadd('day', 7, as_of_date()) }}
        ) as expiring_count,
        count(*) filter (where is_in_hand) as in_hand_count,
        sum(face_amount) filter (where is_in_hand) as in_hand_amount,
        count(*) filter (where state = 'issued') as unclaimed_count,
        count(*) filter (
            where claimed_on > {{ dbt.dateadd('day', -90, as_of_date()) }}
        ) as claimed_count_90d,
        count(*) filter (
            where state = 'used'
            and used_on > {{ dbt.dateadd('day', -90, as_of_date()) }}
        ) as used_count_90d,
        count(*) filter (
            where state = 'expired' and claimed_on is not null
            and expired_on > {{ dbt.dateadd('day', -90, as_of_date()) }}
        ) as expired_count_90d,
        cast(count(*) filter (
            where is_claimed_365d and state = 'used'
        ) as numeric) / nullif(count(*) filter (
            where is_claimed_365d and state in ('used', 'expired')
        ), 0) as use_rate_365d,
        sum(used_amount) filter (where is_used_365d) as used_amount_365d,
        avg(used_amount) filter (where is_used_365d) as used_average_amount_365d,
        avg(used_on - claimed_on) filter (where is_used_365d) as claim_to_use_days,
        max(used_on) filter (where state = 'used') as last_used_on
    from coupons
    group by customer_id

),

used_bands as (

    select
        coupons.customer_id,
        bands.label,
        row_number() over (
            partition by coupons.customer_id
            order by count(*) desc, max(coupons.used_on) desc, min(bands.from_value) asc
        ) as band_rank
    from coupons
    inner join bands
        on
            coupons.threshold_amount >= bands.from_value
            and (bands.to_value is null or coupons.threshold_amount < bands.to_value)
    where coupons.is_used_365d
    group by coupons.customer_id, bands.label

),

final as (

    select
        customers.customer_id,
        coalesce(coupon_summary.expiring_count, 0) as coupon_expiring_count_7d,
        coalesce(coupon_summary.in_hand_count, 0) as coupon_in_hand_count,
        cast(coalesce(coupon_summary.in_hand_amount, 0) as numeric(18, 2))
            as coupon_in_hand_amount,
        coalesce(coupon_summary.unclaimed_count, 0) as coupon_unclaimed_count,
        coalesce(coupon_summary.claimed_count_90d, 0) as coupon_claimed_count_90d,
        coalesce(coupon_summary.used_count_90d, 0) as coupon_used_count_90d,
        coalesce(coupon_summary.expired_count_90d, 0) as coupon_expired_count_90d,
        cast(coupon_summary.use_rate_365d as numeric(9, 4)) as coupon_use_rate_365d,
        cast(coalesce(coupon_summary.used_amount_365d, 0) as numeric(18, 2))
            as coupon_used_amount_365d,
        cast(coupon_summary.used_average_amount_365d as numeric(18, 2))
            as coupon_used_average_amount_365d,
        cast(round(coupon_summary.claim_to_use_days) as integer)
            as coupon_claim_to_use_days_365d,
        {{ dbt.datediff('coupon_summary.last_used_on', as_of_date(), 'day') }}
            as coupon_days_since_last_use,
        used_bands.label as coupon_threshold_band_365d
    from customers
    left join coupon_summary on customers.customer_id = coupon_summary.customer_id
    left join used_bands
        on
            customers.customer_id = used_bands.customer_id
            and used_bands.band_rank = 1

)

select * from final
