-- Every identifier type is a kind of the seed contact_kinds, so that no new channel's
-- accounts go uncounted, and an account there is an account here.
select
    identifier_types.identifier_type,
    identifier_types.is_account,
    kinds.is_account as is_counted_as_account
from {{ ref('oneid_identifier_types') }} as identifier_types
left join {{ ref('contact_kinds') }} as kinds
    on identifier_types.identifier_type = kinds.contact_kind
where kinds.is_account is distinct from identifier_types.is_account
