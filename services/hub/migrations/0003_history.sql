-- How long what was seen is kept, what it is counted up to, and the proof that it is gone.

-- Every device state that changed ------------------------------------------------------------------------------------

create table dipper.device_sample (
  id      uuid not null default gen_random_uuid(),
  device  text not null,
  agent   text not null,
  estate  text not null,
  kind    text not null,
  at      timestamptz not null,
  message jsonb not null
);
comment on table dipper.device_sample is 'Each state of a device that differed from the one before. The latest alone is in device_state.';
comment on column dipper.device_sample.at is 'When the hub heard of it.';
do $$
begin
  perform create_hypertable('dipper.device_sample'::regclass, 'at',
                            chunk_time_interval => interval '1 day', create_default_indexes => false);
end
$$;
create index device_sample_device on dipper.device_sample (device, at desc, id desc);
create index device_sample_time on dipper.device_sample (at desc, id desc);

-- The last hours of one device, without reading everybody's.
do $$
declare
  class text;
begin
  foreach class in array array['face', 'passage', 'device', 'scene'] loop
    execute format('create index event_%1$s_device on dipper.event_%1$s (device, occurred_at desc, id desc)', class);
  end loop;
end
$$;

-- Compression and counts per hour ------------------------------------------------------------------------------------

-- Counts are refreshed by the hub, never by a background worker, and only once an hour is over.
-- Without the extension (a server of a test that stands in for it) counts are plain tables.
do $$
declare
  class text;
  counts text;
begin
  foreach class in array array['face', 'passage', 'device', 'scene'] loop
    counts := format(
      'select time_bucket(interval ''1 hour'', occurred_at) as hour, estate, type, device, count(*) as events
         from dipper.event_%s group by 1, 2, 3, 4', class);
    if exists (select from pg_extension where extname = 'timescaledb') then
      execute format(
        'alter table dipper.event_%s set (timescaledb.compress, timescaledb.compress_segmentby = ''agent'',
           timescaledb.compress_orderby = ''occurred_at desc, sequence desc'')', class);
      execute format(
        'create materialized view dipper.event_count_%s
           with (timescaledb.continuous, timescaledb.materialized_only = true, timescaledb.chunk_interval = ''1 day'')
           as %s with no data', class, counts);
    else
      execute format(
        'create table dipper.event_count_%1$s
           (hour timestamptz not null, estate text not null, type text not null, device text, events bigint not null)',
        class);
      execute format('create index event_count_%1$s_hour on dipper.event_count_%1$s (hour)', class);
    end if;
  end loop;
  if exists (select from pg_extension where extname = 'timescaledb') then
    alter table dipper.device_sample set (timescaledb.compress, timescaledb.compress_segmentby = 'device',
      timescaledb.compress_orderby = 'at desc');
  end if;
end
$$;

create table dipper.history_count (
  retention     text primary key,
  counted_until timestamptz not null
);
comment on table dipper.history_count is 'Up to which hour the events of a class are counted; after it, events are counted when somebody asks.';

create table dipper.history_late_hour (
  retention text not null,
  hour      timestamptz not null,
  agent     text not null,
  refresh   uuid,
  primary key (retention, hour, agent)
);
comment on table dipper.history_late_hour is 'Hours that got an event after they may have been counted: their events are counted when somebody asks, until they have been counted again.';
comment on column dipper.history_late_hour.agent is 'Part of the key so that agents never wait for each other''s row.';
comment on column dipper.history_late_hour.refresh is 'The recount under way; an event that comes meanwhile takes it away again.';

-- Maintenance and deletion -------------------------------------------------------------------------------------------

create table dipper.history_job (
  class      text primary key,
  holder     uuid,
  held_until timestamptz,
  started_at timestamptz,
  ended_at   timestamptz,
  next_at    timestamptz,
  error      text,
  bytes      bigint
);
comment on table dipper.history_job is 'Maintenance of each class of data. One copy of the hub at a time holds a class.';
comment on column dipper.history_job.error is 'Why the last run ended early; null when it ended well.';
comment on column dipper.history_job.bytes is 'What the class takes on disk, indexes included, as the last run found it.';

create table dipper.deletion (
  id        uuid primary key,
  ordinal   bigint generated always as identity unique,
  class     text not null,
  subject   text not null,
  reason_zh text not null,
  reason_en text not null,
  keep_days integer not null,
  from_at   timestamptz not null,
  until_at  timestamptz not null,
  rows      bigint not null,
  sha256    bytea not null,
  at        timestamptz not null
);
comment on table dipper.deletion is 'Proof of deletion, append-only, written in the transaction that deleted.';
comment on column dipper.deletion.subject is 'The table the rows were in; event_count_… are counts that went with the events they were made of.';
comment on column dipper.deletion.keep_days is 'How long the class is kept, as it was configured then.';
comment on column dipper.deletion.from_at is 'Time of the oldest deleted row.';
comment on column dipper.deletion.until_at is 'Time of the newest deleted row.';
comment on column dipper.deletion.sha256 is 'SHA-256 over the ids of the deleted rows in ascending order, each in PostgreSQL''s binary form: uuid_send or int8send; counts, which have no id, as text hour|estate|type|device|events, one a line.';
create trigger deletion_append_only before update or delete on dipper.deletion
  for each row execute function dipper.refuse_change();
create trigger deletion_no_truncate before truncate on dipper.deletion
  for each statement execute function dipper.refuse_change();
create index rule_failure_age on dipper.rule_failure (occurred_at, id);
create index dead_letter_age on dipper.dead_letter (last_at, id);
