-- Good Douyin interactions whose day has come. One row per interaction.
select *
from {{ ref('base_douyin__interactions') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
