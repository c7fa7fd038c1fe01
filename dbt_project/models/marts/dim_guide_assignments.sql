-- Which guide serves which customer. One row per customer, guide and first day.

with

assignments as (

    select * from {{ ref('int_guide_assignments__unioned') }}

),

records as (

    select
        record_key,
        customer_id
    from {{ ref('oneid_records') }}
    where customer_id is not null

),

-- Two cards of one person with the same guide from the same day are one assignment.
final as (

    select
        records.customer_id,
        assignments.staff_code,
        assignments.valid_from,
        case
            when count(*) = count(assignments.valid_to) then max(assignments.valid_to)
        end as valid_to
    from assignments
    inner join records on assignments.record_key = records.record_key
    group by records.customer_id, assignments.staff_code, assignments.valid_from

)

select * from final
