-- Who a channel record belongs to: the only thing facts join. One row per record that
-- carries an identifier; customer_id is null when none of them may link.
{{
    config(
        indexes=[{'columns': ['record_key'], 'unique': true}],
    )
}}

with

records as (

    select * from {{ ref('int_identity__records') }}

),

id_map as (

    select * from {{ ref('oneid_map') }}

),

final as (

    select
        records.record_key,
        records.channel_code,
        records.record_type,
        records.record_id,
        min(id_map.customer_id) as customer_id
    from records
    left join id_map
        on
            records.anchor_key = id_map.identifier_key
            and (
                id_map.valid_from is null or records.observed_at >= id_map.valid_from
            )
            and (id_map.valid_to is null or records.observed_at < id_map.valid_to)
    group by
        records.record_key,
        records.channel_code,
        records.record_type,
        records.record_id

)

select * from final
