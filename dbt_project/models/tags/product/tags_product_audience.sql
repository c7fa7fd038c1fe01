-- Audience tags of products: who buys them. Shares are of the buyers of whom it is
-- known. One row per product.

with

products as (

    select * from {{ ref('dim_products') }}

),

rules as (

    select * from {{ ref('share_rules') }}
    where entity = 'product'

),

buyers as (

    select
        buyers.product_key,
        profiles.profile_gender,
        profiles.profile_age_band,
        profiles.profile_city_tier,
        tiers.value_tier,
        customers.is_member
    from {{ ref('int_products__buyers') }} as buyers
    inner join {{ ref('dim_customers') }} as customers
        on buyers.customer_id = customers.customer_id
    inner join {{ ref('tags_customer_profile') }} as profiles
        on buyers.customer_id = profiles.customer_id
    inner join {{ ref('tags_customer_value') }} as tiers
        on buyers.customer_id = tiers.customer_id

),

-- By all of them at once: a few rows per product, from which each share adds up.
buyer_groups as (

    select
        product_key,
        profile_gender,
        profile_age_band,
        profile_city_tier,
        value_tier,
        is_member,
        count(*) as buyer_count
    from buyers
    group by
        product_key, profile_gender, profile_age_band, profile_city_tier,
        value_tier, is_member

),

shares as (

    select
        product_key,
        sum(buyer_count) as buyers,
        sum(buyer_count) filter (where is_member) as members,
        sum(buyer_count) filter (where value_tier in ('v4', 'v5')) as high_values,
        sum(buyer_count) filter (where profile_gender = 'female') as females,
        sum(buyer_count) filter (where profile_gender <> 'unknown') as of_known_gender,
        sum(buyer_count) filter (where profile_age_band is not null) as of_known_age,
        sum(buyer_count) filter (where profile_city_tier is not null) as of_known_city
    from buyer_groups
    group by product_key

),

ranked_age_bands as (

    select
        product_key,
        profile_age_band,
        row_number() over (
            partition by product_key
            order by sum(buyer_count) desc, profile_age_band asc
        ) as age_band_number
    from buyer_groups
    where profile_age_band is not null
    group by product_key, profile_age_band

),

ranked_city_tiers as (

    select
        product_key,
        profile_city_tier,
        row_number() over (
            partition by product_key
            order by sum(buyer_count) desc, profile_city_tier asc
        ) as city_tier_number
    from buyer_groups
    where profile_city_tier is not null
    group by product_key, profile_city_tier

),

final as (

    select
        products.product_key,
        case
            when shares.of_known_age >= rules.min_count
                then ranked_age_bands.profile_age_band
        end as product_main_age_band_365d,
        case
            when shares.of_known_city >= rules.min_count
                then ranked_city_tiers.profile_city_tier
        end as product_main_city_tier_365d,
        cast(case
            when shares.of_known_gender >= rules.min_count
                then coalesce(shares.females, 0) / shares.of_known_gender
        end as numeric(9, 4)) as product_female_rate_365d,
        cast(case
            when shares.buyers >= rules.min_count
                then coalesce(shares.high_values, 0) / shares.buyers
        end as numeric(9, 4)) as product_high_value_rate_365d,
        cast(case
            when shares.buyers >= rules.min_count
                then coalesce(shares.members, 0) / shares.buyers
        end as numeric(9, 4)) as product_member_rate_365d
    from products
    cross join rules
    left join shares on products.product_key = shares.product_key
    left join ranked_age_bands
        on
            products.product_key = ranked_age_bands.product_key
            and ranked_age_bands.age_band_number = 1
    left join ranked_city_tiers
        on
            products.product_key = ranked_city_tiers.product_key
            and ranked_city_tiers.city_tier_number = 1

)

select * from final
