-- The right to be forgotten (PIPL 47): what may not land again, and what was erased
-- where. Nothing here tells who it was: hashes are keyed, and the key is not in the
-- database.
create schema if not exists erasure;

-- Write an identifier in one way, whatever channel wrote it: blanks and dashes go, a
-- mainland phone is its 11 digits. One expression, so that queries take it in place.
create function erasure.normalised(given text) returns text
language sql immutable parallel safe
return case
    when
        length(given) between 11 and 20
        and translate(given, E' -+()\t', '') ~ '^(0|86|0086)?1[3-9][0-9]{9}$'
        then right(translate(given, E' -+()\t', ''), 11)
    else lower(translate(given, E' -+()\t', ''))
end;

create table erasure.certificates (
    certificate_id bigint generated always as identity primary key,
    erased_at timestamptz not null default now(),
    completed_at timestamptz,   -- when no channel holds the person any more
    customer_ids bigint[]       -- null once completed
);

-- sieve: 24 bits of a cheap keyed hash, by which a load finds the few values that are
-- worth comparing by value_hash (HMAC-SHA256).
create table erasure.tombstones (
    value_hash bytea primary key,
    sieve int not null,
    certificate_id bigint not null references erasure.certificates
);

-- What was done where, in numbers. action: erased, redacted (a mention in a row of
-- somebody else), removal_pending and removed (channels), blocked (a later load).
create table erasure.certificate_lines (
    certificate_id bigint not null references erasure.certificates,
    place text not null,
    action text not null check (
        action in ('erased', 'redacted', 'removal_pending', 'removed', 'blocked')
    ),
    row_count bigint not null,
    done_at timestamptz not null default now(),
    primary key (certificate_id, place, action)
);
