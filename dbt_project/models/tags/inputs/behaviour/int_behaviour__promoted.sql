-- Configured behaviour tags that became columns. One row per customer.
-- Written by `quanyu tag promote`; do not edit.

with

configured as (

    select * from {{ ref('customer_behaviour_tags') }}
    where
        tag_code in (
            'behaviour_coupon_view_count_30d',
            'behaviour_top_keyword_90d'
        )

),

final as (

    select
        customer_id,
        cast(
            max(
                case
                    when tag_code = 'behaviour_coupon_view_count_30d'
                        then value_number
                end
            ) as bigint
        ) as behaviour_coupon_view_count_30d,
        max(
            case
                when tag_code = 'behaviour_top_keyword_90d'
                    then tag_value
            end
        ) as behaviour_top_keyword_90d
    from configured
    group by customer_id

)

select * from final
