-- KPIs of campaigns by day and arm, over that day's members. One row per campaign,
-- population, arm, day and version: a day whose figures have changed (late orders and
-- refunds, merged or excluded people) gets a new version, and what was said before
-- stays. Append-only: it cannot be rebuilt, so a full refresh leaves it alone;
-- running a day again adds only what changed since.
{{ config(materialized='incremental', full_refresh=false) }}

with

figures as (

    select * from {{ ref('int_campaigns__day_figures') }}

),

numbered as (

    select
        *,
        row_number() over (
            partition by campaign_code, population, arm, day_on
            order by version_no desc
        ) as recency
    from {{ rows_so_far({
        'campaign_code': 'text', 'population': 'text', 'arm': 'text',
        'day_on': 'date', 'version_no': 'bigint',
        'member_count': 'bigint', 'entered_count': 'bigint', 'left_count': 'bigint',
        'buyer_count': 'bigint', 'order_count': 'bigint',
        'sales_amount': 'numeric', 'net_amount': 'numeric',
        'repurchaser_count': 'bigint', 'category_buyer_count': 'bigint',
    }) }} as so_far

),

recorded as (

    select * from numbered
    where recency = 1

),

final as (

    select
        figures.campaign_code,
        figures.population,
        figures.arm,
        figures.day_on,
        coalesce(recorded.version_no, 0) + 1 as version_no,
        figures.member_count,
        figures.entered_count,
        figures.left_count,
        figures.buyer_count,
        figures.order_count,
        figures.sales_amount,
        figures.net_amount,
        figures.repurchaser_count,
        figures.category_buyer_count,
        {{ as_of_date() }} as recorded_on,
        '{{ invocation_id }}' as run_id
    from figures
    left join recorded
        on
            figures.campaign_code = recorded.campaign_code
            and figures.population = recorded.population
            and figures.arm = recorded.arm
            and figures.day_on = recorded.day_on
    where
        recorded.version_no is null
        or figures.member_count <> recorded.member_count
        or figures.entered_count <> recorded.entered_count
        or figures.left_count <> recorded.left_count
        or figures.buyer_count <> recorded.buyer_count
        or figures.order_count <> recorded.order_count
        or figures.sales_amount <> recorded.sales_amount
        or figures.net_amount <> recorded.net_amount
        or figures.repurchaser_count <> recorded.repurchaser_count
        or figures.category_buyer_count <> recorded.category_buyer_count

)

select * from final
