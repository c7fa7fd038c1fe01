-- Customers whose identifiers changed. One row per run and customer: what later layers
-- have to recompute.
{{ config(materialized='view') }}

select
    run_no,
    assigned_on as changed_on,
    customer_id
from {{ ref('oneid_assignments') }}
where customer_id is not null
union
select
    run_no,
    assigned_on as changed_on,
    previous_customer_id as customer_id
from {{ ref('oneid_assignments') }}
where previous_customer_id is not null
