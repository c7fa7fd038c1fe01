-- Receipts of our own text messages, with whom the ledger of activation sent them to; a
-- receipt without a message of ours has nobody. One row per receipt.

with

receipts as (

    select * from {{ ref('stg_sms__touches') }}

),

chunks as (

    select * from {{ source('activation', 'chunks') }}

),

changelog as (

    select * from {{ source('activation', 'changelog') }}

),

syncs as (

    select * from {{ source('activation', 'syncs') }}

),

aliases as (

    select * from {{ ref('oneid_alias') }}

),

final as (

    select
        receipts.record_key,
        receipts.channel_code,
        syncs.name as campaign_code,
        receipts.touch_channel,
        receipts.sent_at,
        receipts.status,
        receipts.clicked_at,
        coalesce(aliases.customer_id, changelog.customer_id) as customer_id
    from receipts
    left join chunks on receipts.out_id = chunks.idempotency_key
    left join changelog
        on
            chunks.run_id = changelog.run_id
            and receipts.phone_sha256 = changelog.dest_key
    left join syncs on changelog.sync_id = syncs.sync_id
    left join aliases on changelog.customer_id = aliases.old_id

)

select * from final
