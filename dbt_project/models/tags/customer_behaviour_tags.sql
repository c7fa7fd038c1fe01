-- Behaviour tags by configuration: the rules of the seed behaviour_tags, all at once.
-- One row per customer and tag that has something to say about the customer.

with

measured as (

    select * from {{ ref('int_behaviour__measured') }}

),

-- Only the measures that tell texts apart have more than one row per customer and tag.
texts as (

    select
        customer_id,
        tag_code,
        measure,
        measured_text,
        count(*) as event_count,
        count(measured_number) as number_count,
        sum(measured_number) as number_sum,
        min(occurred_on) as first_on,
        max(occurred_on) as last_on,
        row_number() over (
            partition by customer_id, tag_code
            order by count(*) desc, max(occurred_at) desc, measured_text asc
        ) as place
    from measured
    where measure not in ('top', 'distinct') or measured_text is not null
    group by customer_id, tag_code, measure, measured_text

),

summary as (

    select
        customer_id,
        tag_code,
        measure,
        case measure
            when 'count' then sum(event_count)
            when 'distinct' then count(*)
            when 'sum' then sum(number_sum)
            when 'average' then sum(number_sum) / nullif(sum(number_count), 0)
            when 'days_since'
                then {{ dbt.datediff('max(last_on)', as_of_date(), 'day') }}
        end as value_number,
        case measure when 'first' then min(first_on) when 'last' then max(last_on) end
            as value_on,
        max(case when measure = 'top' and place = 1 then measured_text end)
            as value_text
    from texts
    group by customer_id, tag_code, measure

),

final as (

    select
        customer_id,
        tag_code,
        cast(value_number as numeric(18, 2)) as value_number,
        value_on,
        coalesce(
            value_text,
            cast(value_on as {{ dbt.type_string() }}),
            case
                when measure in ('sum', 'average')
                    then cast(
                        cast(value_number as numeric(18, 2)) as {{ dbt.type_string() }}
                    )
                else cast(cast(value_number as bigint) as {{ dbt.type_string() }})
            end
        ) as tag_value
    from summary

)

select * from final
where tag_value is not null
