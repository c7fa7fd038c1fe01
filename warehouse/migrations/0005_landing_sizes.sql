-- A load asks the ledger for files of the sizes it brings. Segments of `quanyu collect` come
-- every few seconds, so the ledger grows by thousands of files a day.
create index files_byte_count on landing.files (byte_count);
