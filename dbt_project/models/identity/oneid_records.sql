-- Who a channel record belongs to: the only thing facts join. One row per record that
-- carries an identifier; customer_id is null when none of them may link.
{{
    config(
        indexes=[{'columns': ['record_key'], 'unique': true}],
    )
}}

with

anchors as (

    select * from {{ ref('int_identity__observations') }}
    where identifier_key = anchor_key and role = 'account'

),

id_map as (

    select * from {{ ref('oneid_map') }}

),

final as (

    select
        anchors.record_key,
        anchors.channel_code,
        anchors.record_type,
        anchors.record_id,
        min(id_map.customer_id) as customer_id
    from anchors
    left join id_map
        on
            anchors.anchor_key = id_map.identifier_key
            and (
                id_map.valid_from is null or anchors.observed_at >= id_map.valid_from
            )
            and (id_map.valid_to is null or anchors.observed_at < id_map.valid_to)
    group by
        anchors.record_key,
        anchors.channel_code,
        anchors.record_type,
        anchors.record_id

)

select * from final
