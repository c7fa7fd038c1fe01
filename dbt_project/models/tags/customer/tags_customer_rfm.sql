-- RFM tags: eight groups by the fixed cuts of each brand, for operation, and by fifths
-- of all buyers, for analysis. One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

brands as (

    select * from {{ ref('int_purchases__brands') }}

),

brand_rules as (

    select * from {{ ref('brand_rules') }}

),

scores as (

    select * from {{ ref('int_rfm__scores') }}

),

high_scores as (

    select * from {{ ref('tag_cuts') }}
    where
        cut_set = 'rfm_high_score'
        and label = 'high'
        and {{ as_of_date() }} between valid_from and valid_to

),

judged as (

    select
        brands.customer_id,
        brands.brand_code as scope,
        brands.is_main_brand,
        coalesce(
            brands.days_since_last_order <= brand_rules.rfm_recency_days, false
        ) as is_recent,
        brands.order_count_365d >= brand_rules.rfm_frequency_count as is_frequent,
        brands.net_amount_365d >= brand_rules.rfm_monetary_amount as is_big
    from brands
    inner join brand_rules on brands.brand_code = brand_rules.brand_code
    union all
    select
        scores.customer_id,
        'quantile' as scope,
        false as is_main_brand,
        scores.recency_score >= high_scores.from_value as is_recent,
        scores.frequency_score >= high_scores.from_value as is_frequent,
        scores.monetary_score >= high_scores.from_value as is_big
    from scores
    cross join high_scores

),

grouped as (

    select
        customer_id,
        scope,
        is_main_brand,
        case
            when is_big and is_frequent and is_recent then 'important_value'
            when is_big and is_frequent then 'important_keep'
            when is_big and is_recent then 'important_develop'
            when is_big then 'important_win_back'
            when is_frequent and is_recent then 'general_value'
            when is_frequent then 'general_keep'
            when is_recent then 'general_develop'
            else 'general_win_back'
        end as rfm_group
    from judged

),

group_summary as (

    select
        customer_id,
        max(rfm_group) filter (where is_main_brand) as main_group,
        max(rfm_group) filter (where scope = 'baby') as baby_group,
        max(rfm_group) filter (where scope = 'ginseng') as ginseng_group,
        max(rfm_group) filter (where scope = 'skincare') as skincare_group,
        max(rfm_group) filter (where scope = 'supermarket') as supermarket_group,
        max(rfm_group) filter (where scope = 'quantile') as quantile_group
    from grouped
    group by customer_id

),

final as (

    select
        customers.customer_id,
        group_summary.main_group as rfm_group,
        group_summary.baby_group as rfm_group_baby,
        group_summary.ginseng_group as rfm_group_ginseng,
        group_summary.skincare_group as rfm_group_skincare,
        group_summary.supermarket_group as rfm_group_supermarket,
        group_summary.quantile_group as rfm_quantile_group,
        scores.recency_score as rfm_recency_score,
        scores.frequency_score as rfm_frequency_score,
        scores.monetary_score as rfm_monetary_score,
        scores.recency_score + scores.frequency_score + scores.monetary_score
            as rfm_total_score,
        cast(
            (scores.recency_rate + scores.frequency_rate + scores.monetary_rate) / 3
            as numeric(9, 4)
        ) as rfm_percentile_rate
    from customers
    left join group_summary on customers.customer_id = group_summary.customer_id
    left join scores on customers.customer_id = scores.customer_id

)

select * from final
