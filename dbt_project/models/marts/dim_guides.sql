-- Staff of the stores: guides, cashiers and managers. One row per person.
select
    staff_code,
    name,
    store_code,
    role,
    status,
    hired_on,
    left_on
from {{ ref('int_staff__unioned') }}
