-- What syncs need beyond sets of members: effects that must not be repeated, jobs of
-- channels, days' quotas, rates that accounts share, approvals, replies.

-- What models and other syncs may know of a sync; holds no secret.
alter table activation.syncs
add column spec jsonb,
add column effect text not null default 'set'
check (effect in ('set', 'keyed', 'message'));

alter table activation.runs
drop constraint runs_status_check,
add constraint runs_status_check check (
    status in (
        'sending', 'waiting', 'done', 'done_with_errors', 'failed', 'interrupted',
        'blocked'
    )
),
add column unknown_rows int not null default 0,
add column resumes_at timestamptz,  -- of a waiting run: when the channel's day begins
add column approved_at timestamptz, -- of a blocked run: that its sentence was accepted
add column approved_by text;

alter table activation.chunks add column external_id text;  -- the channel's job

-- effects: how often this was done to the person; the next effect_key counts from it.
-- may_repeat: a message of unknown outcome that somebody decided to send again.
alter table activation.member_state
add column effects int not null default 1,
add column may_repeat boolean not null default false;

alter table activation.outbox add column effect_key text not null default '';

alter table activation.changelog
drop constraint changelog_status_check,
add constraint changelog_status_check check (
    status in ('acked', 'rejected', 'unknown')
);

-- What was refused, to tell whether the same would only be refused again.
alter table activation.rejects add column payload_hash uuid;

-- Requests an account allows, over all its syncs: a token bucket.
create table activation.buckets (
    account text primary key,
    tokens double precision not null,
    refilled_at timestamptz not null,
    blocked_until timestamptz not null default '-infinity'
);

-- Take one token: 0, or the seconds to wait until one is there.
create function activation.take_token(
    account_name text, per_s double precision, burst int
) returns double precision
language plpgsql
as $$
declare
    bucket activation.buckets;
    moment timestamptz := clock_timestamp();
begin
    insert into activation.buckets (account, tokens, refilled_at)
    values (account_name, burst, moment)
    on conflict do nothing;
    select * into bucket from activation.buckets
    where account = account_name for update;
    moment := clock_timestamp();  -- after the lock
    if bucket.blocked_until > moment then
        return extract(epoch from bucket.blocked_until - moment);
    end if;
    bucket.tokens := least(
        burst,
        bucket.tokens
        + per_s * greatest(0, extract(epoch from moment - bucket.refilled_at))
    );
    if bucket.tokens < 1 then
        return (1 - bucket.tokens) / per_s;
    end if;
    update activation.buckets
    set tokens = bucket.tokens - 1, refilled_at = moment
    where account = account_name;
    return 0;
end
$$;

-- Nobody of the account asks again before a moment (Retry-After, a day's quota).
create function activation.block_account(account_name text, until timestamptz)
returns void
language sql
begin atomic
insert into activation.buckets as bucket (account, tokens, refilled_at, blocked_until)
values (account_name, 0, clock_timestamp(), until)
on conflict (account) do update set
blocked_until = greatest(bucket.blocked_until, excluded.blocked_until);
end;

-- What people answered to a message (回T). Raw: which words are an opt-out is said by
-- the seed opt_out_replies. body: the first 20 characters, no more.
create table activation.replies (
    reply_id bigint generated always as identity primary key,
    sync_id int references activation.syncs,
    customer_id bigint not null,
    contact_channel text not null,
    body text not null check (length(body) <= 20),
    received_at timestamptz not null,
    unique (customer_id, contact_channel, received_at)
);
