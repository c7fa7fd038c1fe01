-- Who is measured by which campaign from when to when (both days included), and in
-- which arm. One row per campaign, population, customer of now and stay. A day's
-- members are those of the segment when the day begins: whoever buys on the day, and
-- leaves the segment by that, was a member. This model alone reads the history of
-- memberships.

with

populations as (

    select * from {{ ref('int_campaigns__populations') }}

),

stays as (

    select * from {{ ref('segment_member_history') }}
    -- Of a former id that nobody took over there is no person left.
    where current_customer_id is not null

),

excluded as (

    select customer_id from {{ ref('tags_customer_risk') }}
    where risk_exclusion is not null

),

-- Members that evening count from the next morning on; a snapshot is taken once.
clipped as (

    select
        populations.campaign_code,
        populations.population,
        populations.control_percent,
        stays.current_customer_id as customer_id,
        case
            when populations.kind = 'snapshot' then populations.starts_on
            else
                greatest(
                    populations.starts_on,
                    cast({{ dbt.dateadd('day', 1, 'stays.entered_on') }} as date)
                )
        end as from_on,
        case
            when populations.kind = 'snapshot' then populations.measured_to
            else least(stays.left_on, populations.measured_to)
        end as to_on
    from populations
    inner join stays
        on
            populations.segment_code = stays.segment_code
            and populations.measured_to > stays.entered_on
            and (stays.left_on is null or populations.starts_on <= stays.left_on)
    where populations.kind = 'dynamic' or stays.entered_on < populations.starts_on

),

-- Two ids that became one person have two stays: they are one where they touch.
compared as (

    select
        clipped.*,
        max(clipped.to_on) over (
            partition by
                clipped.campaign_code, clipped.population, clipped.customer_id
            order by clipped.from_on, clipped.to_on
            rows between unbounded preceding and 1 preceding
        ) as known_to_on
    from clipped
    left join excluded on clipped.customer_id = excluded.customer_id
    where excluded.customer_id is null and clipped.from_on <= clipped.to_on

),

numbered as (

    select
        *,
        sum(
            case
                when from_on <= {{ dbt.dateadd('day', 1, 'known_to_on') }} then 0
                else 1
            end
        ) over (
            partition by campaign_code, population, customer_id
            order by from_on, to_on
            rows between unbounded preceding and current row
        ) as stay_no
    from compared

),

final as (

    select
        campaign_code,
        population,
        customer_id,
        case
            when
                {{ bucket_of("campaign_code || ':' || customer_id") }}
                < 100 * min(control_percent)
                then 'control'
            else 'treated'
        end as arm,
        min(from_on) as from_on,
        max(to_on) as to_on
    from numbered
    group by campaign_code, population, customer_id, stay_no

)

select * from final
