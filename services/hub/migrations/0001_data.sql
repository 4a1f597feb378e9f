-- Places, devices, agents, what agents reported, and what came of it. Times are UTC; `received_at` and everything the
-- hub decides are by the hub's clock, `occurred_at` is by the edge's, corrected.

do $$
begin
  if exists (select from pg_available_extensions where name = 'timescaledb') then
    create extension if not exists timescaledb;
  end if;
end
$$;

-- Places -------------------------------------------------------------------------------------------------------------

create table dipper.subdistrict (
  id      text primary key,
  name_zh text not null,
  name_en text not null
);

create table dipper.community (
  id          text primary key,
  subdistrict text not null references dipper.subdistrict (id),
  name_zh     text not null,
  name_en     text not null
);

create table dipper.grid (
  id        text primary key,
  community text not null references dipper.community (id),
  kind      text not null check (kind in ('residential', 'industrial', 'market')),
  name_zh   text not null,
  name_en   text not null
);

create table dipper.estate (
  id        text primary key,
  community text not null references dipper.community (id),
  name_zh   text not null,
  name_en   text not null
);

create table dipper.place (
  id      text primary key,
  estate  text not null references dipper.estate (id),
  grid    text references dipper.grid (id),
  kind    text not null,
  name_zh text not null,
  name_en text not null,
  hours   jsonb
);
comment on column dipper.place.hours is 'When people should come and go, as in config/places.yaml; null where nothing is set.';

create table dipper.agent (
  id           text primary key,
  estate       text not null,
  configured   boolean not null,
  evaluated_at timestamptz
);
comment on table dipper.agent is 'Edge agents. Ids are unique across estates.';
comment on column dipper.agent.estate is 'No reference: an agent that speaks before it is configured is registered as it calls itself.';
comment on column dipper.agent.configured is 'False for one that only reported itself.';
comment on column dipper.agent.evaluated_at is 'When the evaluator last worked on its events: whoever waited longest is next.';

create table dipper.device (
  id         text primary key,
  agent      text not null references dipper.agent (id),
  place      text references dipper.place (id),
  kind       text not null check (kind in ('camera', 'gate')),
  name_zh    text not null,
  name_en    text not null,
  configured boolean not null
);
comment on column dipper.device.configured is 'False for one that its agent reported and no configuration names.';
create index device_agent on dipper.device (agent);

-- What agents reported -----------------------------------------------------------------------------------------------

create table dipper.agent_status (
  agent        text primary key references dipper.agent (id),
  state        text not null check (state in ('online', 'offline')),
  message      jsonb not null,
  changed_at   timestamptz not null,
  seen_at      timestamptz not null,
  judged_state text
);
comment on column dipper.agent_status.message is 'The latest status message, whole.';
comment on column dipper.agent_status.changed_at is 'Since when the state is what it is, by the hub''s clock.';
comment on column dipper.agent_status.seen_at is 'When the agent was last heard of, by the hub''s clock; a retained message is no sign of life.';
comment on column dipper.agent_status.judged_state is 'The state that the rules were last asked about.';

create table dipper.agent_epoch (
  agent              text not null references dipper.agent (id),
  epoch              uuid not null,
  seen               int8multirange not null default '{}',
  oldest_occurred_at timestamptz not null,
  newest_occurred_at timestamptz not null,
  primary key (agent, epoch)
);
comment on table dipper.agent_epoch is 'Which sequences of each epoch are in the database, as events or as dead letters. Locked per batch: this is what deduplicates, and what a receipt confirms.';
comment on column dipper.agent_epoch.oldest_occurred_at is 'With newest_occurred_at the chunks in which its events lie.';
comment on column dipper.agent_epoch.newest_occurred_at is 'Tells the live epoch from a backlog.';

create table dipper.agent_evaluation (
  agent     text not null,
  epoch     uuid not null,
  evaluated int8multirange not null default '{}',
  gap_since timestamptz,
  primary key (agent, epoch),
  foreign key (agent, epoch) references dipper.agent_epoch (agent, epoch)
);
comment on table dipper.agent_evaluation is 'How far the evaluator has come. Apart from agent_epoch so that judging never makes ingest wait for a row.';
comment on column dipper.agent_evaluation.gap_since is 'Since when the next sequence is missing while later ones are there.';

create table dipper.device_state (
  device      text primary key references dipper.device (id),
  message     jsonb not null,
  reported_at timestamptz not null
);

create table dipper.event_face (
  id          uuid not null,
  type        text not null,
  estate      text not null,
  agent       text not null,
  device      text,
  place       text,
  occurred_at timestamptz not null,
  raw_at      timestamptz,
  received_at timestamptz not null,
  epoch       uuid not null,
  sequence    bigint not null,
  correlation uuid,
  data        jsonb not null
);
comment on table dipper.event_face is 'Events of the retention class face: somebody''s picture was taken. The picture is not here.';
comment on column dipper.event_face.raw_at is 'What the edge''s clock said before it, or the hub, corrected the time.';

create table dipper.event_passage (like dipper.event_face including all);
comment on table dipper.event_passage is 'Events of the retention class passage: somebody went in or out.';
create table dipper.event_device (like dipper.event_face including all);
comment on table dipper.event_device is 'Events of the retention class device: the state of machines.';
create table dipper.event_scene (like dipper.event_face including all);
comment on table dipper.event_scene is 'Events of the retention class scene: movement and counts that name nobody.';

do $$
declare
  class text;
begin
  foreach class in array array['face', 'passage', 'device', 'scene'] loop
    perform create_hypertable(format('dipper.event_%s', class)::regclass, 'occurred_at',
                              chunk_time_interval => interval '1 day', create_default_indexes => false);
    execute format('create index event_%1$s_sequence on dipper.event_%1$s (agent, epoch, sequence)', class);
    execute format('create index event_%1$s_time on dipper.event_%1$s (occurred_at desc, id desc)', class);
    execute format('create index event_%1$s_id on dipper.event_%1$s (id)', class);
  end loop;
end
$$;
create index event_face_media on dipper.event_face ((data #>> '{media,ref}'));

create view dipper.event as
  select 'face' as retention, e.* from dipper.event_face e
  union all select 'passage', e.* from dipper.event_passage e
  union all select 'device', e.* from dipper.event_device e
  union all select 'scene', e.* from dipper.event_scene e;

create table dipper.dead_letter (
  id       bigint generated always as identity primary key,
  agent    text,
  topic    text not null,
  reason   text not null,
  sha256   bytea not null,
  bytes    integer not null,
  epoch    uuid,
  sequence bigint,
  times    integer not null default 1,
  first_at timestamptz not null,
  last_at  timestamptz not null,
  unique (topic, sha256)
);
comment on table dipper.dead_letter is 'Messages and events that were refused: what they hash to and why, never what they say.';
comment on column dipper.dead_letter.agent is 'Null where the topic names none.';
comment on column dipper.dead_letter.times is 'The same refused bytes sent again are counted, not stored again.';
create index dead_letter_agent on dipper.dead_letter (agent, last_at desc);

-- What came of it ----------------------------------------------------------------------------------------------------

create table dipper.incident (
  id         uuid primary key,
  title_zh   text not null,
  title_en   text not null,
  priority   text not null,
  open       boolean not null,
  estate     text not null,
  place      text,
  agent      text not null,
  started_at timestamptz not null,
  last_at    timestamptz not null
);
comment on table dipper.incident is 'Alarms of one place and time: one line on the guard''s desk.';
create index incident_list on dipper.incident (started_at desc, id desc);
create index incident_place on dipper.incident (estate, place, last_at desc);

create table dipper.alarm (
  id               uuid primary key,
  rule             text not null,
  key              text not null,
  priority         text not null,
  title_zh         text not null,
  title_en         text not null,
  active           boolean not null,
  late             boolean not null,
  occurrences      integer not null default 1,
  estate           text not null,
  agent            text not null,
  device           text,
  place            text,
  incident         uuid references dipper.incident (id),
  suppressed       integer not null default 0,
  suppressed_by    uuid references dipper.alarm (id),
  raised_at        timestamptz not null,
  last_occurred_at timestamptz not null,
  clear_due_at     timestamptz,
  cleared_at       timestamptz,
  acknowledged_at  timestamptz,
  acknowledged_by  text,
  media            jsonb
);
comment on column dipper.alarm.key is 'What the rule deduplicates by: there is one active alarm per rule and key.';
comment on column dipper.alarm.late is 'Raised from an event that was over an hour old when it came.';
comment on column dipper.alarm.raised_at is 'When the first event occurred.';
comment on column dipper.alarm.clear_due_at is 'When it clears by itself, for rules that clear by time.';
comment on column dipper.alarm.suppressed is 'How many alarms this one has silenced.';
comment on column dipper.alarm.suppressed_by is 'The active alarm that silences this one.';
create unique index alarm_active_key on dipper.alarm (rule, key) where active;
create index alarm_timeline on dipper.alarm (rule, key, raised_at desc);
create index alarm_list on dipper.alarm (raised_at desc, id desc);
create index alarm_incident on dipper.alarm (incident);
create index alarm_active_agent on dipper.alarm (agent) where active;
create index alarm_clear_due on dipper.alarm (clear_due_at) where active;

create table dipper.alarm_transition (
  id    bigint generated always as identity primary key,
  alarm uuid not null references dipper.alarm (id),
  what  text not null check (what in ('raised', 'cleared', 'acknowledged', 'suppressed', 'released')),
  at    timestamptz not null,
  by    text,
  note  text
);
comment on table dipper.alarm_transition is 'Every change of an alarm''s state, append-only.';
comment on column dipper.alarm_transition.by is 'Account name; null where a rule did it.';
create index alarm_transition_alarm on dipper.alarm_transition (alarm, id);

create table dipper.alarm_delay (
  rule        text not null,
  key         text not null,
  occurred_at timestamptz not null,
  due_at      timestamptz not null,
  trigger     jsonb not null,
  primary key (rule, key)
);
comment on table dipper.alarm_delay is 'Alarms that are raised only if nothing clears them for a while (on-delay, ISA-18.2 §11.6).';
comment on column dipper.alarm_delay.trigger is 'What would raise it.';
create index alarm_delay_due on dipper.alarm_delay (due_at);

create table dipper.alarm_end (
  rule text not null,
  key  text not null,
  at   timestamptz not null,
  primary key (rule, key, at)
);
comment on table dipper.alarm_end is 'When each rule was told that something was over: what happened before and is heard of later makes an alarm that has ended.';

create table dipper.rule_failure (
  id          bigint generated always as identity primary key,
  rule        text not null,
  agent       text not null,
  event       uuid,
  error       text not null,
  occurred_at timestamptz not null
);
comment on table dipper.rule_failure is 'Judgements that ended with an error; the event is stored, the other rules went on.';
comment on column dipper.rule_failure.event is 'Null where the hub itself raised what was judged.';
create index rule_failure_time on dipper.rule_failure (occurred_at desc);

create table dipper.case_number (
  day  date primary key,
  last integer not null
);
comment on table dipper.case_number is 'The last number given to a case on each day of the subdistrict''s calendar.';

create table dipper.grid_case (
  id          uuid primary key,
  number      text not null unique,
  title_zh    text not null,
  title_en    text not null,
  category    text not null,
  platform    text not null,
  priority    text not null,
  source      text not null,
  state       text not null,
  version     integer not null default 1,
  estate      text not null,
  place       text,
  grid        text,
  incident    uuid unique references dipper.incident (id),
  assignee    text,
  opened_at   timestamptz not null,
  deadline_at timestamptz not null,
  closed_at   timestamptz
);
comment on table dipper.grid_case is '网格事件: work for people. An incident has at most one.';
comment on column dipper.grid_case.version is 'Counts steps: whoever decided on an older version is told so.';
create index grid_case_list on dipper.grid_case (opened_at desc, id desc);

create table dipper.case_step (
  id         uuid primary key,
  grid_case  uuid not null references dipper.grid_case (id),
  ordinal    integer not null,
  action     text not null,
  from_state text,
  to_state   text not null,
  by         text not null,
  note       text,
  assignee   text,
  at         timestamptz not null,
  unique (grid_case, ordinal)
);
comment on table dipper.case_step is 'What was done to a case, append-only.';
comment on column dipper.case_step.by is 'Account name, or rule:<id> where a rule reported it.';

create function dipper.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end
$$;
create trigger case_step_append_only before update or delete on dipper.case_step
  for each row execute function dipper.refuse_change();
create trigger alarm_transition_append_only before update or delete on dipper.alarm_transition
  for each row execute function dipper.refuse_change();

create table dipper.change (
  id          bigint generated always as identity,
  transaction xid8 not null default pg_current_xact_id(),
  kind        text not null,
  target      text not null,
  change      text not null check (change in ('created', 'updated')),
  at          timestamptz not null,
  primary key (transaction, id)
);
comment on table dipper.change is 'What changed, written by the transaction that changed it. Read in the order (transaction, id) below the oldest running transaction, so no reader ever passes one by.';
comment on column dipper.change.target is 'Id of what changed.';
create index change_at on dipper.change (at);
