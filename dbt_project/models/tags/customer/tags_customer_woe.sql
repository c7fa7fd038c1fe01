-- Weight-of-evidence tags: what each habit says about buying the main brand again next
-- month. One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

measures as (

    select * from {{ ref('int_woe__measures') }}

),

fitted as (

    select
        *,
        max(base_date) over () as newest_on
    from {{ source('ml', 'woe_bins') }}
    where base_date <= {{ as_of_date() }}

),

bins as (

    select * from fitted
    where base_date = newest_on

),

measured as (

    select
        customer_id,
        brand_code,
        'days_since_last_purchase' as feature,
        cast(days_since_last_purchase as {{ dbt.type_float() }}) as measure
    from measures
    union all
    select
        customer_id,
        brand_code,
        'purchase_days_90d' as feature,
        cast(purchase_days_90d as {{ dbt.type_float() }}) as measure
    from measures
    union all
    select
        customer_id,
        brand_code,
        'goods_amount_365d' as feature,
        cast(goods_amount_365d as {{ dbt.type_float() }}) as measure
    from measures
    union all
    select
        customer_id,
        brand_code,
        'purchase_months_365d' as feature,
        cast(purchase_months_365d as {{ dbt.type_float() }}) as measure
    from measures
    union all
    select
        customer_id,
        brand_code,
        'discounted_line_rate_180d' as feature,
        cast(discounted_line_rate_180d as {{ dbt.type_float() }}) as measure
    from measures
    union all
    select
        customer_id,
        brand_code,
        'online_line_rate_180d' as feature,
        cast(online_line_rate_180d as {{ dbt.type_float() }}) as measure
    from measures

),

weighed as (

    select
        measured.customer_id,
        measured.feature,
        cast(bins.woe as numeric(9, 4)) as woe
    from measured
    inner join bins
        on
            measured.brand_code = bins.brand_code
            and measured.feature = bins.feature
            and bins.is_missing = (measured.measure is null)
            and (bins.from_value is null or measured.measure >= bins.from_value)
            and (bins.to_value is null or measured.measure < bins.to_value)

),

evidence as (

    select
        customer_id,
        max(woe) filter (where feature = 'days_since_last_purchase') as woe_recency,
        max(woe) filter (where feature = 'purchase_days_90d') as woe_frequency,
        max(woe) filter (where feature = 'goods_amount_365d') as woe_spend,
        max(woe) filter (where feature = 'purchase_months_365d') as woe_regularity,
        max(woe) filter (where feature = 'discounted_line_rate_180d') as woe_discount,
        max(woe) filter (where feature = 'online_line_rate_180d') as woe_online,
        cast(sum(woe) as numeric(9, 4)) as woe_total
    from weighed
    group by customer_id

),

final as (

    select
        customers.customer_id,
        evidence.woe_recency,
        evidence.woe_frequency,
        evidence.woe_spend,
        evidence.woe_regularity,
        evidence.woe_discount,
        evidence.woe_online,
        evidence.woe_total
    from customers
    left join evidence on customers.customer_id = evidence.customer_id

)

select * from final
