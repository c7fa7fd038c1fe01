-- 5A stages as they were recorded, under the customer id of then. One row per customer
-- and change: on day D the state is that of valid_from <= D and valid_to null or > D.
{{ config(materialized='view') }}

select
    customer_id,
    state as five_a_stage,
    valid_from,
    valid_to,
    is_recomputed
from {{ ref('int_flow__stays') }}
where state_code = 'five_a'
