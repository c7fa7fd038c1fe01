-- Ads shown and clicked on Douyin, parsed and judged. One row per landed row.

with

landed as (

    select
        exposures.*,
        files.drop_date
    from {{ source('raw_douyin', 'ad_exposures') }} as exposures
    inner join {{ source('landing', 'files') }} as files
        on exposures._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('shop_id') }} as shop_code,
        {{ clean_id('exposure_id') }} as exposure_id,
        lower({{ clean_id('action') }}) as action,
        {{ clean_id('ad_id') }} as ad_id,
        {{ clean_id('campaign_id') }} as campaign_id,
        {{ clean_text('campaign_name') }} as campaign_name,
        lower({{ clean_id('placement') }}) as placement,
        lower({{ clean_id('device_hash') }}) as ad_device_hash,
        lower({{ clean_id('os') }}) as device_os,
        -- A showing costs fractions of a fen: six decimals of a yuan keep them.
        {{ parse_amount('cost', 4) }} as cost_fen,
        {{ parse_timestamp('occurred_at') }} as occurred_at,
        {{ clean_text('cost') }} as landed_cost,
        {{ bigint_key([
            'shop_id', 'ad_id', 'campaign_id', 'campaign_name', 'placement',
            'device_hash', 'os', 'cost', 'occurred_at',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'douyin'", "'ad_exposure'", 'exposure_id', 'action']) }}
            as record_key,
        {{ local_date('occurred_at') }} as due_on,
        case
            when num_nulls(shop_code, exposure_id, action) > 0 then 'missing_key'
            when {{ is_scientific('exposure_id') }} then 'id_in_scientific_notation'
            when occurred_at is null then 'bad_timestamp'
            when landed_cost is not null and cost_fen is null then 'bad_amount'
            when ad_device_hash is null then 'missing_required'
            when cost_fen < 0 then 'negative_amount'
            when
                action not in ('impression', 'click')
                or placement not in ('feed', 'search', 'live')
                then 'unknown_enum'
            when {{ local_date('occurred_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    record_key,
    'douyin' as channel_code,
    shop_code,
    exposure_id,
    action,
    ad_id,
    campaign_id,
    campaign_name,
    placement,
    ad_device_hash,
    device_os,
    cast(coalesce(cost_fen, 0) / 100 as numeric(18, 6)) as cost_amount,
    occurred_at,
    occurred_at as observed_at,
    due_on,
    {{ reject_reason() }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('record_key') }}
)
