-- Who has to do with which device, vehicle or household, and when: subjects that are no
-- person and tie none. One row per subject and customer; of an exclusive one (a car)
-- one per turn: it has one owner at a time, who shows it next has it; it may return.
{{ config(indexes=[{'columns': ['customer_id']}]) }}

with

subject_types as (

    select * from {{ ref('oneid_subject_types') }}

),

evidence as (

    select * from {{ ref('int_identity__evidence') }}

),

id_map as (

    select * from {{ ref('oneid_map') }}
    where customer_id is not null

),

sightings as (

    select
        subject_types.subject_type,
        subject_types.is_exclusive,
        evidence.identifier_key as subject_key,
        evidence.scope,
        evidence.value,
        id_map.customer_id,
        evidence.first_seen_at,
        evidence.last_seen_at,
        evidence.record_count
    from evidence
    inner join subject_types
        on evidence.identifier_type = subject_types.identifier_type
    inner join id_map
        on
            evidence.anchor_key = id_map.identifier_key
            and evidence.first_seen_at
            >= coalesce(id_map.valid_from, evidence.first_seen_at)
            and (
                evidence.first_seen_at < id_map.valid_to or id_map.valid_to is null
            )

),

-- A sighting by month says two things for certain: who showed it first and last in it.
moments as (

    select
        *,
        first_seen_at as seen_at,
        record_count as counted
    from sightings
    union all
    select
        *,
        last_seen_at as seen_at,
        0 as counted
    from sightings

),

successions as (

    select
        *,
        lag(customer_id) over (
            partition by subject_key order by seen_at asc, customer_id asc
        ) as holder_before
    from moments

),

turns as (

    select
        *,
        count(*) filter (where is_exclusive and customer_id <> holder_before) over (
            partition by subject_key order by seen_at asc, customer_id asc
        ) as turn_no
    from successions

),

final as (

    select
        subject_type,
        subject_key,
        scope,
        value,
        customer_id,
        min(seen_at) as valid_from,
        case
            when is_exclusive
                then lead(min(seen_at)) over (
                    partition by subject_key order by turn_no
                )
        end as valid_to,
        max(seen_at) as last_seen_at,
        sum(counted) as record_count
    from turns
    group by
        subject_type,
        is_exclusive,
        subject_key,
        scope,
        value,
        customer_id,
        turn_no

)

select * from final
