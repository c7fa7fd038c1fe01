-- Item master of the ERP, parsed and judged. One row per landed row.

with

landed as (

    select
        items.*,
        files.drop_date
    from {{ source('raw_pos', 'products') }} as items
    inner join {{ source('landing', 'files') }} as files
        on items._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('item_code') }} as item_code,
        {{ clean_id('barcode') }} as barcode,
        {{ clean_text('name') }} as name,
        {{ clean_text('department') }} as department,
        {{ clean_text('category') }} as category,
        {{ clean_text('product_type') }} as product_type,
        {{ clean_id('manufacturer_code') }} as manufacturer_code,
        {{ clean_text('manufacturer_brand') }} as manufacturer_brand,
        {{ clean_text('package_size') }} as package_size,
        {{ parse_amount('list_price') }} as list_price_amount,
        coalesce({{ clean_id('is_gift_set') }} = 'Y', false) as is_gift_set,
        {{ parse_timestamp('updated_at') }} as updated_at,
        {{ clean_text('updated_at') }} as landed_updated_at,
        {{ clean_text('list_price') }} as landed_list_price,
        {{ bigint_key([
            'barcode', 'name', 'department', 'category', 'product_type',
            'manufacturer_code', 'manufacturer_brand', 'package_size', 'list_price',
            'is_gift_set', 'updated_at',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(['item_code']) }} as product_key,
        coalesce({{ local_date('updated_at') }}, drop_date) as due_on,
        case
            when {{ is_totals_row(['item_code']) }} then 'totals_row'
            when item_code is null then 'missing_key'
            when {{ is_scientific('item_code') }} then 'id_in_scientific_notation'
            when landed_updated_at is not null and updated_at is null
                then 'bad_timestamp'
            when landed_list_price is not null and list_price_amount is null
                then 'bad_amount'
            when list_price_amount < 0 then 'negative_amount'
            when name is null then 'missing_required'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    product_key,
    item_code,
    barcode,
    name,
    department,
    category,
    product_type,
    manufacturer_code,
    manufacturer_brand,
    package_size,
    list_price_amount,
    is_gift_set,
    -- A master row without a time of change is as old as the export that brought it.
    coalesce(updated_at, cast(drop_date as timestamp) at time zone 'Asia/Shanghai')
        as version_at,
    updated_at,
    due_on,
    fault is null and row_number() over versions = 1 as is_current,
    {{ reject_reason(keeps_history=true) }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('product_key', 'updated_at') }}
)
