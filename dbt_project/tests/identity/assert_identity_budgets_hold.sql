-- Identity budgets (seed oneid_budgets): a merge gone wrong stops the build here.

select * from {{ ref('oneid_health') }}
where not is_within_budget
