-- Store member snapshots, parsed and judged. One row per landed row.

with

landed as (

    select
        snapshots.*,
        files.drop_date
    from {{ source('raw_pos', 'members') }} as snapshots
    inner join {{ source('landing', 'files') }} as files
        on snapshots._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('member_no') }} as pos_member_no,
        {{ clean_text('name') }} as name,
        {{ clean_phone('phone') }} as account_phone,
        {{ clean_text('phone') }} as account_phone_raw,
        lower({{ clean_id('email') }}) as email,
        case upper({{ clean_id('gender') }})
            when 'M' then 'male'
            when 'F' then 'female'
            else 'unknown'
        end as gender,
        {{ parse_date('birthday') }} as birthday,
        {{ parse_date('baby_birthday') }} as baby_birthday,
        {{ clean_id('region_code') }} as region_code,
        {{ clean_text('tier') }} as tier,
        coalesce({{ clean_id('is_employee') }} = 'Y', false) as is_employee,
        {{ clean_id('register_store_code') }} as register_store_code,
        {{ parse_timestamp('registered_at') }} as joined_at,
        upper({{ clean_id('status') }}) as status,
        {{ parse_timestamp('updated_at') }} as updated_at,
        {{ clean_text('updated_at') }} as landed_updated_at,
        {{ bigint_key([
            'name', 'phone', 'email', 'gender', 'birthday', 'baby_birthday',
            'region_code', 'tier', 'is_employee', 'register_store_code',
            'registered_at', 'status', 'updated_at',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'pos'", "'member'", 'pos_member_no']) }} as record_key,
        {{ local_date('greatest(joined_at, updated_at)') }} as due_on,
        case
            when {{ is_totals_row(['pos_member_no']) }} then 'totals_row'
            when pos_member_no is null then 'missing_key'
            when {{ is_scientific('pos_member_no') }} then 'id_in_scientific_notation'
            when
                joined_at is null
                or (landed_updated_at is not null and updated_at is null)
                then 'bad_timestamp'
            when {{ local_date('joined_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    record_key,
    'pos' as channel_code,
    'pos_retail' as shop_code,
    pos_member_no,
    account_phone,
    account_phone_raw,
    email,
    name,
    gender,
    birthday,
    baby_birthday,
    region_code,
    tier,
    is_employee,
    register_store_code,
    joined_at,
    -- The export has no date of leaving: it is the change that closed the card.
    case when status = 'CLOSED' then coalesce(updated_at, joined_at) end as left_at,
    coalesce(updated_at, joined_at) as version_at,
    coalesce(updated_at, joined_at) as observed_at,
    due_on,
    fault is null and row_number() over versions = 1 as is_current,
    {{ reject_reason(keeps_history=true) }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('record_key', 'updated_at') }}
)
