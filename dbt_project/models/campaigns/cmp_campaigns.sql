-- Campaigns of the reviewed sheet, what their play decides by, and where each stands on
-- base_date. One row per campaign.
-- Nothing is computed with a wrong sheet: its test reads the categories as well.
-- depends_on: {{ ref('product_categories') }}

with

sheet as (

    select * from {{ ref('campaign_sheet') }}

),

plays as (

    select * from {{ ref('campaign_plays') }}

),

rules as (

    select * from {{ ref('campaign_rules') }}

),

dated as (

    select
        sheet.campaign_code,
        sheet.name_zh,
        sheet.play,
        plays.name_zh as play_name_zh,
        plays.kpi,
        sheet.segment_code,
        plays.base_segment_code,
        sheet.kind,
        sheet.mechanism,
        sheet.channel,
        sheet.product_category,
        cast(sheet.starts_on as date) as starts_on,
        cast(sheet.ends_on as date) as ends_on,
        cast(sheet.control_percent as numeric(5, 2)) as control_percent,
        sheet.owner,
        sheet.goal
    from sheet
    inner join plays on sheet.play = plays.play

),

windowed as (

    select
        dated.*,
        cast(
            {{ dbt.dateadd('day', '-rules.before_days', 'dated.starts_on') }} as date
        ) as before_from_on,
        cast(
            {{ dbt.dateadd('day', 'rules.settle_days', 'dated.ends_on') }} as date
        ) as settles_on
    from dated
    cross join rules

),

final as (

    select
        *,
        case
            when {{ as_of_date() }} < starts_on then 'planned'
            when {{ as_of_date() }} <= ends_on then 'running'
            when {{ as_of_date() }} <= settles_on then 'settling'
            else 'closed'
        end as status,
        case
            when {{ as_of_date() }} >= starts_on
                then least(ends_on, {{ as_of_date() }})
        end as measured_to
    from windowed

)

select * from final
