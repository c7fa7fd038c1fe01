-- Risk tags: why a customer counts nowhere, neither in training, bases and KPIs nor in
-- sends; and whom to look at before something is given away. One row per customer.

with

reasons as (

    select * from {{ ref('int_risk__reasons') }}

),

flags as (

    select * from {{ ref('int_risk__flags') }}

),

level_cuts as (

    select * from {{ ref('tag_cuts') }}
    where
        cut_set = 'risk_level'
        and {{ as_of_date() }} between valid_from and valid_to

),

-- The gravest reason is the one shown.
exclusions as (

    select
        customer_id,
        case
            when bool_or(reason = 'erased') then 'erased'
            when bool_or(reason = 'blocklist') then 'blocklist'
            when bool_or(reason = 'test') then 'test'
            when bool_or(reason = 'employee') then 'employee'
            when bool_or(reason = 'fake_order') then 'fake_order'
            when bool_or(reason = 'reseller') then 'reseller'
        end as reason
    from reasons
    group by customer_id

),

final as (

    select
        flags.customer_id,
        exclusions.reason as risk_exclusion,
        cast(flags.refund_only_rate as numeric(9, 4)) as risk_refund_only_rate_365d,
        cast(flags.return_rate as numeric(9, 4)) as risk_return_rate_365d,
        flags.is_refund_only_abuser as risk_is_refund_only_abuser,
        flags.is_high_returner as risk_is_high_returner,
        flags.is_coupon_hunter as risk_is_coupon_hunter,
        flags.has_many_receivers as risk_has_many_receivers,
        flags.is_suspect_identity as risk_is_suspect_identity,
        -- Who deals in our goods or fakes orders needs no second sign.
        case
            when exclusions.reason in ('blocklist', 'fake_order', 'reseller')
                then 'high'
            else level_cuts.label
        end as risk_level
    from flags
    left join exclusions on flags.customer_id = exclusions.customer_id
    left join level_cuts
        on
            flags.flag_count >= level_cuts.from_value
            and (
                level_cuts.to_value is null
                or flags.flag_count < level_cuts.to_value
            )

)

select * from final
