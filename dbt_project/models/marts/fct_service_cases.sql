-- Service cases: what customers asked, complained of and sent back. One row per case.

with

cases as (

    select * from {{ ref('int_service_cases__unioned') }}

),

records as not materialized (

    select * from {{ ref('oneid_records') }}

),

codes as (

    select * from {{ ref('int_products__codes') }}

),

final as (

    select
        cases.record_key as case_key,
        cases.record_key,
        -- A case without card and phone is its order's buyer's.
        coalesce(records.customer_id, buyers.customer_id) as customer_id,
        cases.channel_code,
        cases.shop_code,
        cases.store_code,
        cases.case_id,
        cases.case_type,
        cases.contact_channel,
        cases.order_key,
        codes.product_key,
        cases.opened_at,
        cases.opened_on,
        cases.first_reply_at,
        cases.closed_at,
        cases.closed_at is not null as is_closed,
        cases.satisfaction,
        cases.case_text
    from cases
    left join records on cases.record_key = records.record_key
    left join records as buyers on cases.order_key = buyers.record_key
    left join codes on cases.product_code_key = codes.product_code_key

)

select * from final
