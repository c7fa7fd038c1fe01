-- How far each tag has moved since the day before and since a reference day: population
-- stability index over the values of an enum or bool and over tenths of a number or
-- date; "nothing known" is a value too. One row per entity, tag and comparison.

with

bins as (

    select * from {{ ref('tag_drift_bins') }}

),

rules as (

    select * from {{ ref('tag_drift_rules') }}

),

totals as (

    select
        *,
        sum(then_count) over (partition by comparison, entity, tag_code) as then_rows,
        sum(now_count) over (partition by comparison, entity, tag_code) as now_rows,
        count(*) over (partition by comparison, entity, tag_code) as bin_count
    from bins

),

-- Half a row more in every bin: an empty one would make the index infinite.
shares as (

    select
        *,
        (then_count + 0.5) / (then_rows + 0.5 * bin_count) as then_share,
        (now_count + 0.5) / (now_rows + 0.5 * bin_count) as now_share
    from totals
    -- A tag that is new or gone since has moved from nowhere.
    where then_rows > 0 and now_rows > 0

),

indexes as (

    select
        entity,
        tag_code,
        comparison,
        compared_on,
        bin_count,
        sum((now_share - then_share) * (ln(now_share) - ln(then_share))) as psi,
        max((bin_count - 1) * (1.0 / now_rows + 1.0 / then_rows)) as chance_psi
    from shares
    group by entity, tag_code, comparison, compared_on, bin_count

),

final as (

    select
        {{ as_of_date() }} as base_date,
        indexes.entity,
        indexes.tag_code,
        indexes.comparison,
        indexes.compared_on,
        indexes.bin_count,
        cast(indexes.psi as numeric(18, 6)) as psi,
        cast(indexes.chance_psi as numeric(18, 6)) as chance_psi,
        case
            when indexes.psi <= rules.chance_multiple * indexes.chance_psi then 'steady'
            when indexes.psi >= rules.drifted_psi then 'drifted'
            when indexes.psi >= rules.shifted_psi then 'shifted'
            else 'steady'
        end as drift
    from indexes
    inner join rules on indexes.comparison = rules.comparison

)

select * from final
