-- Lets the migrations run on a PostgreSQL without TimescaleDB, for tests that need several real sessions at once and an
-- independent server. Tables stay plain; nothing here is for production.
create function public.create_hypertable(
  relation regclass,
  time_column_name name,
  chunk_time_interval interval default interval '7 days',
  create_default_indexes boolean default true
) returns void language sql as $$ select $$;
