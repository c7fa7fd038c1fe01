-- Customers that share a rare combination of traits (seed oneid_fuzzy_blocks). One
-- row per block and pair of customers (a < b). A combination that more than max_size
-- customers share says nothing and is left out.

with

profiles as not materialized (

    select * from {{ ref('int_customers__profiles') }}

),

blocks as (

    select * from {{ ref('oneid_fuzzy_blocks') }}

),

keyed as (

    select
        blocks.block_no,
        blocks.max_size,
        first_values.customer_id,
        concat_ws(
            '|',
            first_values.trait_value,
            second_values.trait_value,
            third_values.trait_value
        ) as block_key
    from blocks
    inner join profiles as first_values on blocks.trait_1 = first_values.trait
    left join profiles as second_values
        on
            blocks.trait_2 = second_values.trait
            and first_values.customer_id = second_values.customer_id
    left join profiles as third_values
        on
            blocks.trait_3 = third_values.trait
            and first_values.customer_id = third_values.customer_id
    where
        (blocks.trait_2 is null or second_values.trait_value is not null)
        and (blocks.trait_3 is null or third_values.trait_value is not null)

),

sized as (

    select
        block_no,
        max_size,
        customer_id,
        block_key,
        count(*) over (partition by block_no, block_key) as customer_count
    from keyed

),

shared as (

    select * from sized
    where customer_count between 2 and max_size

),

final as (

    select distinct
        shared.block_no,
        shared.customer_id as customer_id_a,
        partners.customer_id as customer_id_b
    from shared
    inner join shared as partners
        on
            shared.block_no = partners.block_no
            and shared.block_key = partners.block_key
            and shared.customer_id < partners.customer_id

)

select * from final
