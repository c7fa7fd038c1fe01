-- Did a sleeper come back to the brand within a campaign's window after base_date? One
-- row per base_date, customer and brand whose window is over at the as-of day.

with

rules as (

    select * from {{ ref('reactivation_rules') }}

),

sleepers as (

    select
        sleepers.base_date,
        sleepers.customer_id,
        sleepers.brand_code,
        {{ dbt.dateadd('day', 'rules.window_days', 'sleepers.base_date') }}
            as window_to
    from {{ ref('feat_sleeper') }} as sleepers
    inner join rules on sleepers.brand_code = rules.brand_code
    where
        {{ dbt.dateadd('day', 'rules.window_days', 'sleepers.base_date') }}
        <= {{ as_of_date() }}

),

purchase_days as (

    select * from {{ ref('feat_purchase_days') }}

),

final as (

    select
        sleepers.base_date,
        sleepers.customer_id,
        sleepers.brand_code,
        count(purchase_days.paid_on) > 0 as is_reactivated
    from sleepers
    left join purchase_days
        on
            sleepers.customer_id = purchase_days.customer_id
            and sleepers.brand_code = purchase_days.brand_code
            and sleepers.base_date < purchase_days.paid_on
            and sleepers.window_to >= purchase_days.paid_on
    group by
        sleepers.base_date,
        sleepers.customer_id,
        sleepers.brand_code

)

select * from final
