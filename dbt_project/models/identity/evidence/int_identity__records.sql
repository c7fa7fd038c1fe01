-- Every channel record that carries an identifier, with the one that says whose it is.
-- One row per record version.
{{ config(materialized='view') }}

with

carried as (

    select
        record_key,
        channel_code,
        shop_code,
        record_type,
        record_id,
        observed_at,
        anchor_type,
        anchor_value
    from {{ ref('int_identity__tmall_records') }}
    union all
    select
        record_key,
        channel_code,
        shop_code,
        record_type,
        record_id,
        observed_at,
        anchor_type,
        anchor_value
    from {{ ref('int_identity__youzan_records') }}
    union all
    select
        record_key,
        channel_code,
        shop_code,
        record_type,
        record_id,
        observed_at,
        anchor_type,
        anchor_value
    from {{ ref('int_identity__pos_records') }}
    union all
    select
        record_key,
        channel_code,
        shop_code,
        record_type,
        record_id,
        observed_at,
        anchor_type,
        anchor_value
    from {{ ref('int_identity__douyin_records') }}
    union all
    select
        record_key,
        channel_code,
        shop_code,
        record_type,
        record_id,
        observed_at,
        anchor_type,
        anchor_value
    from {{ ref('int_identity__xiaohongshu_records') }}
    union all
    select
        record_key,
        channel_code,
        shop_code,
        record_type,
        record_id,
        observed_at,
        anchor_type,
        anchor_value
    from {{ ref('int_identity__kuaishou_records') }}
    union all
    select
        record_key,
        channel_code,
        shop_code,
        record_type,
        record_id,
        observed_at,
        anchor_type,
        anchor_value
    from {{ ref('int_identity__mini_program_records') }}
    union all
    select
        record_key,
        channel_code,
        shop_code,
        record_type,
        record_id,
        observed_at,
        anchor_type,
        anchor_value
    from {{ ref('int_identity__wecom_records') }}

),

types as (

    select * from {{ ref('oneid_identifier_types') }}

),

scoped as (

    select
        carried.*,
        case when types.scope_kind = 'shop' then carried.shop_code else '' end
            as anchor_scope
    from carried
    inner join types on carried.anchor_type = types.identifier_type
    where carried.anchor_value is not null

),

final as (

    select
        record_key,
        channel_code,
        record_type,
        record_id,
        observed_at,
        {{ bigint_key(['anchor_type', 'anchor_scope', 'anchor_value']) }} as anchor_key
    from scoped

)

select * from final
