-- What ties identifiers together, all channels. One row per anchor, identifier, role,
-- channel and record type (and month, for a subject with one owner at a time); small
-- whatever the number of records. An anchor also ties itself. A value means nothing
-- outside its scope: keys cover type, scope and value.

with

seen as (

    select * from {{ ref('int_identity__tmall_evidence') }}
    union all
    select * from {{ ref('int_identity__youzan_evidence') }}
    union all
    select * from {{ ref('int_identity__pos_evidence') }}
    union all
    select * from {{ ref('int_identity__douyin_evidence') }}
    union all
    select * from {{ ref('int_identity__xiaohongshu_evidence') }}
    union all
    select * from {{ ref('int_identity__kuaishou_evidence') }}
    union all
    select * from {{ ref('int_identity__mini_program_evidence') }}
    union all
    select * from {{ ref('int_identity__wecom_evidence') }}

),

types as (

    select * from {{ ref('oneid_identifier_types') }}

),

subject_types as (

    select * from {{ ref('oneid_subject_types') }}

),

scoped as (

    select
        seen.*,
        case
            when subject_types.is_exclusive
                then date_trunc('month', seen.first_seen_at)
        end as month_at,
        case when types.scope_kind = 'shop' then seen.shop_code else '' end as scope,
        case when anchor_types.scope_kind = 'shop' then seen.shop_code else '' end
            as anchor_scope
    from seen
    inner join types on seen.identifier_type = types.identifier_type
    inner join types as anchor_types
        on seen.anchor_type = anchor_types.identifier_type
    left join subject_types
        on seen.identifier_type = subject_types.identifier_type

),

keyed as (

    select
        scoped.*,
        {{ bigint_key(['anchor_type', 'anchor_scope', 'anchor_value']) }} as anchor_key,
        {{ bigint_key(['identifier_type', 'scope', 'value']) }} as identifier_key
    from scoped

),

final as (

    select
        anchor_key,
        anchor_type,
        anchor_scope,
        identifier_key,
        identifier_type,
        scope,
        value,
        role,
        channel_code,
        record_type,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        sum(record_count) as record_count,
        min(example_record_key) as example_record_key
    from keyed
    group by
        anchor_key,
        anchor_type,
        anchor_scope,
        identifier_key,
        identifier_type,
        scope,
        value,
        role,
        channel_code,
        record_type,
        month_at

)

select * from final
