-- Who has to do with which device, vehicle or household, and when: subjects that are no
-- person and tie none. One row per subject and customer. An exclusive one (a car) has
-- one owner at a time: whoever shows it next takes it over.
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
        min(evidence.first_seen_at) as first_seen_at,
        max(evidence.last_seen_at) as last_seen_at,
        sum(evidence.record_count) as record_count
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
    group by
        subject_types.subject_type,
        subject_types.is_exclusive,
        evidence.identifier_key,
        evidence.scope,
        evidence.value,
        id_map.customer_id

),

final as (

    select
        subject_type,
        subject_key,
        scope,
        value,
        customer_id,
        first_seen_at as valid_from,
        case
            when is_exclusive
                then lead(first_seen_at) over (
                    partition by subject_key order by first_seen_at asc, customer_id asc
                )
        end as valid_to,
        last_seen_at,
        record_count
    from sightings

)

select * from final
