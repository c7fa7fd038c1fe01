-- The catalogue of tags, from the entries in the families' yml, and how full each one
-- is on base_date. One row per tag.

with

entries as (

    {{ tag_catalog() }}

),

measured as (

    select * from {{ ref('tag_distribution') }}
    where base_date = {{ as_of_date() }}

),

final as (

    select
        entries.*,
        measured.base_date as measured_on,
        measured.row_count,
        measured.fill_rate,
        measured.distinct_count,
        measured.fill_rate >= entries.min_fill as is_filled_as_declared
    from entries
    left join measured
        on
            entries.entity = measured.entity
            and entries.tag_code = measured.tag_code

)

select * from final
