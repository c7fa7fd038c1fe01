-- Mistakes in the campaign sheet, each with its file and line.
{{ config(meta={'dagster': {'ref': {'name': 'campaign_sheet'}}}) }}

{% set faults %}

with

sheet as (

    select
        *,
        {{ seed_line() }} as line_no,
        coalesce(campaign_code, 'the campaign') as called
    from {{ ref('campaign_sheet') }}

),

plays as (

    select * from {{ ref('campaign_plays') }}

),

segments as (

    {{ segment_codes() }}

),

-- A date that is none, as 2017-02-30, cannot be cast: it is put together from the days
-- of its month.
days as (

    select
        sheet.line_no,
        written.which,
        written.day_text,
        case
            when written.day_text ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$'
                then
                    cast(left(written.day_text, 7) || '-01' as date)
                    + (cast(right(written.day_text, 2) as integer) - 1)
        end as day_on
    from sheet
    cross join lateral (
        values ('starts_on', sheet.starts_on), ('ends_on', sheet.ends_on)
    ) as written (which, day_text)

),

dated as (

    select
        sheet.*,
        starts.day_on as first_on,
        ends.day_on as last_on
    from sheet
    inner join days as starts
        on sheet.line_no = starts.line_no and starts.which = 'starts_on'
    inner join days as ends
        on sheet.line_no = ends.line_no and ends.which = 'ends_on'

),

final as (

    select
        line_no,
        called || ' is no code of lower-case letters, digits, - and _' as fault
    from sheet
    where coalesce(campaign_code, '') !~ '^[a-z][a-z0-9_-]*$'
    union all
    select
        later.line_no,
        later.called || ' is there twice (line ' || earlier.line_no || ')' as fault
    from sheet as later
    inner join sheet as earlier
        on
            later.campaign_code = earlier.campaign_code
            and later.line_no > earlier.line_no
    union all
    select
        line_no,
        called || ': name_zh, mechanism, channel, owner and goal are needed' as fault
    from sheet
    where '' in (
        coalesce(name_zh, ''),
        coalesce(mechanism, ''),
        coalesce(channel, ''),
        coalesce(owner, ''),
        coalesce(goal, '')
    )
    union all
    select
        sheet.line_no,
        sheet.called || ': play ' || coalesce(sheet.play, 'is missing and')
        || ' is no play of campaign_plays' as fault
    from sheet
    left join plays on sheet.play = plays.play
    where plays.play is null
    union all
    select
        sheet.line_no,
        sheet.called || ': segment_code ' || coalesce(sheet.segment_code, 'is missing and')
        || ' is no segment' as fault
    from sheet
    left join segments on sheet.segment_code = segments.segment_code
    where segments.segment_code is null
    union all
    select
        sheet.line_no,
        sheet.called || ': the base of its play, ' || plays.base_segment_code
        || ', is no segment' as fault
    from sheet
    inner join plays on sheet.play = plays.play
    left join segments on plays.base_segment_code = segments.segment_code
    where plays.base_segment_code is not null and segments.segment_code is null
    union all
    select
        line_no,
        called || ': kind ' || coalesce(kind, 'is missing and')
        || ' is neither dynamic nor snapshot' as fault
    from sheet
    where coalesce(kind, '') not in ('dynamic', 'snapshot')
    union all
    select
        days.line_no,
        sheet.called || ': ' || days.which || ' '
        || coalesce(days.day_text, 'is missing and') || ' is no day (YYYY-MM-DD)'
            as fault
    from days
    inner join sheet on days.line_no = sheet.line_no
    where cast(days.day_on as text) is distinct from days.day_text or days.day_on is null
    union all
    select
        line_no,
        called || ' ends on ' || ends_on || ' before it starts on ' || starts_on as fault
    from dated
    where last_on < first_on
    union all
    select
        line_no,
        called || ': control_percent ' || coalesce(control_percent, 'is missing and')
        || ' is not above 0 and at most 90' as fault
    from sheet
    where
        case
            when coalesce(control_percent, '') ~ '^[0-9]{1,2}(\.[0-9]{1,2})?$'
                then cast(control_percent as numeric) not between 0.01 and 90
            else true
        end
    union all
    select
        sheet.line_no,
        sheet.called || ': product_category '
        || coalesce(sheet.product_category, 'is missing and')
        || ' is no category of product_categories' as fault
    from sheet
    left join plays on sheet.play = plays.play
    left join (
        select distinct product_category
        from {{ ref('product_categories') }}
    ) as categories
        on sheet.product_category = categories.product_category
    where
        categories.product_category is null
        and (
            sheet.product_category is not null
            or plays.kpi = 'category_buyer_rate'
        )
    union all
    -- What two campaigns do to the same people at once cannot be told apart.
    select
        later.line_no,
        later.called || ' overlaps ' || earlier.campaign_code || ' (line '
        || earlier.line_no || ') on ' || later.segment_code || ' from '
        || greatest(later.first_on, earlier.first_on) || ' to '
        || least(later.last_on, earlier.last_on) as fault
    from dated as later
    inner join dated as earlier
        on
            later.segment_code = earlier.segment_code
            and later.line_no > earlier.line_no
            and later.first_on <= earlier.last_on
            and earlier.first_on <= later.last_on

)

select
    'campaign_sheet' as seed,
    line_no,
    fault
from final

{% endset %}

{{ stop_at_faults(faults) }}
