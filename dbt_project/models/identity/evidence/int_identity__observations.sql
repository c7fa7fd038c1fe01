-- Every identifier seen on a channel record. One row per record version, identifier and
-- role. A value means nothing outside its scope, so the key covers type, scope and
-- value.
{{ config(unlogged=true) }}

with

seen as (

    select * from {{ ref('int_identity__tmall_observations') }}
    union all
    select * from {{ ref('int_identity__youzan_observations') }}
    union all
    select * from {{ ref('int_identity__pos_observations') }}
    union all
    select * from {{ ref('int_identity__douyin_observations') }}
    union all
    select * from {{ ref('int_identity__xiaohongshu_observations') }}
    union all
    select * from {{ ref('int_identity__kuaishou_observations') }}
    union all
    select * from {{ ref('int_identity__mini_program_observations') }}
    union all
    select * from {{ ref('int_identity__wecom_observations') }}

),

types as (

    select * from {{ ref('oneid_identifier_types') }}

),

scoped as (

    select
        seen.*,
        case when types.scope_kind = 'shop' then seen.shop_code else '' end as scope,
        case when anchor_types.scope_kind = 'shop' then seen.shop_code else '' end
            as anchor_scope
    from seen
    inner join types on seen.identifier_type = types.identifier_type
    inner join types as anchor_types
        on seen.anchor_type = anchor_types.identifier_type

),

final as (

    select
        record_key,
        channel_code,
        record_type,
        record_id,
        observed_at,
        identifier_type,
        scope,
        value,
        role,
        anchor_type,
        anchor_scope,
        {{ bigint_key(['identifier_type', 'scope', 'value']) }} as identifier_key,
        {{ bigint_key(['anchor_type', 'anchor_scope', 'anchor_value']) }} as anchor_key
    from scoped

)

select * from final
