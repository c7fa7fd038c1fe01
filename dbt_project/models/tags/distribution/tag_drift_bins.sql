-- The values of each tag today beside those of the day before and of a reference day:
-- what an index of drift is summed over, and where to look for what has moved. A bin
-- is a value of an enum or bool, a tenth (by the day compared with) of a number or
-- date, or '' for nothing known. One row per comparison, entity, tag and bin.

with

counts as (

    select * from {{ ref('tag_value_counts') }}

),

rules as (

    select * from {{ ref('tag_drift_rules') }}

),

days as (

    select distinct base_date from {{ ref('tag_distribution') }}

),

comparisons as (

    select
        rules.comparison,
        rules.bin_count,
        max(days.base_date) as compared_on
    from rules
    inner join days
        on
            {{ dbt.datediff('days.base_date', as_of_date(), 'day') }}
            >= rules.days_before
    group by rules.comparison, rules.bin_count

),

cells as (

    select
        comparisons.comparison,
        comparisons.compared_on,
        comparisons.bin_count,
        counts.entity,
        counts.tag_code,
        counts.cell,
        counts.tag_value,
        coalesce(sum(counts.value_count) filter (
            where counts.base_date = comparisons.compared_on
        ), 0) as then_count,
        coalesce(sum(counts.value_count) filter (
            where counts.base_date > comparisons.compared_on
        ), 0) as now_count
    from comparisons
    inner join counts
        on counts.base_date in (comparisons.compared_on, {{ as_of_date() }})
    group by
        comparisons.comparison, comparisons.compared_on, comparisons.bin_count,
        counts.entity, counts.tag_code, counts.cell, counts.tag_value

),

-- Cells of the grid are joined to tenths of the day compared with.
ranked as (

    select
        *,
        sum(then_count) over (
            partition by comparison, entity, tag_code, cell is null
            order by cell
            rows between unbounded preceding and current row
        ) - then_count as below_count,
        sum(then_count) over (partition by comparison, entity, tag_code, cell is null)
            as measured_count
    from cells

),

labelled as (

    select
        comparison,
        compared_on,
        entity,
        tag_code,
        case
            when cell is null then coalesce(tag_value, '')
            when measured_count = 0 then 'tenth 0'
            else 'tenth ' || cast(least(
                floor(cast(below_count * bin_count as numeric(38, 4)) / measured_count),
                bin_count - 1
            ) as {{ dbt.type_int() }})
        end as bin_label,
        then_count,
        now_count
    from ranked

),

final as (

    select
        comparison,
        compared_on,
        entity,
        tag_code,
        bin_label,
        sum(then_count) as then_count,
        sum(now_count) as now_count
    from labelled
    group by comparison, compared_on, entity, tag_code, bin_label

)

select * from final
