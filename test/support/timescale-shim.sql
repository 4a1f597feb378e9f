-- Lets the migrations run on a PostgreSQL without TimescaleDB, for tests that need several real sessions at once and an
-- independent server. Tables stay plain; nothing here is for production.
create function public.create_hypertable(
  relation regclass,
  time_column_name name,
  chunk_time_interval interval default interval '7 days',
  create_default_indexes boolean default true
) returns void language sql as $$ select $$;

create function public.time_bucket(bucket_width interval, ts timestamptz) returns timestamptz
  language sql immutable as $$ select date_bin(bucket_width, ts, timestamptz 'epoch') $$;

-- Counts are plain tables here: counted anew from the events of the window.
create procedure public.refresh_continuous_aggregate(view_name regclass, window_start timestamptz, window_end timestamptz)
language plpgsql as $$
declare
  events text := replace(view_name::text, 'event_count_', 'event_');
begin
  execute format('delete from %s where hour >= $1 and hour < $2', view_name) using window_start, window_end;
  execute format(
    'insert into %s select time_bucket(interval ''1 hour'', occurred_at), estate, type, device, count(*)
       from %s where occurred_at >= $1 and occurred_at < $2 group by 1, 2, 3, 4', view_name, events)
    using window_start, window_end;
end
$$;
