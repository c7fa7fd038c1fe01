-- Edit distance and trigrams for the fuzzy tier of OneID; both ship with PostgreSQL and
-- are trusted: the owner of a database may create them.
create extension if not exists fuzzystrmatch;
create extension if not exists pg_trgm;
