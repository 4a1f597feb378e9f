-- What operators do to alarms and incidents: shelves, out of service, joins and splits, notes at the change of shift;
-- and when an alarm was announced, which is what their load is measured by (ISA-18.2 clauses 11 and 16, EEMUA 191).

create table dipper.alarm_shelf (
  id         uuid primary key,
  rule       text not null,
  key        text not null,
  alarm      uuid not null references dipper.alarm (id),
  estate     text not null,
  place      text,
  reason     text not null,
  shelved_at timestamptz not null,
  shelved_by text not null,
  until_at   timestamptz not null,
  ended_at   timestamptz,
  ended_by   text,
  end_note   text,
  silenced   integer not null default 0
);
comment on table dipper.alarm_shelf is 'Alarms that somebody set aside for a while: whatever a rule raises for a key until the end is recorded and not announced.';
comment on column dipper.alarm_shelf.alarm is 'The alarm that was shelved first.';
comment on column dipper.alarm_shelf.ended_by is 'Account name; null where its time was up.';
comment on column dipper.alarm_shelf.silenced is 'How many alarms it silenced, once it has ended.';
create unique index alarm_shelf_open on dipper.alarm_shelf (rule, key) where ended_at is null;
create index alarm_shelf_due on dipper.alarm_shelf (until_at) where ended_at is null;
create index alarm_shelf_list on dipper.alarm_shelf (shelved_at desc, id desc);

create table dipper.out_of_service (
  id         uuid primary key,
  device     text references dipper.device (id),
  rule       text,
  estate     text,
  place      text,
  reason     text not null,
  started_at timestamptz not null,
  started_by text not null,
  until_at   timestamptz,
  ended_at   timestamptz,
  ended_by   text,
  end_note   text,
  silenced   integer not null default 0,
  check ((device is null) <> (rule is null))
);
comment on table dipper.out_of_service is 'Devices under maintenance and rules switched off (ISA-18.2 clause 11): their alarms are recorded and not announced, but for safety-critical ones.';
comment on column dipper.out_of_service.estate is 'Where the device is; null for a rule, which holds everywhere.';
comment on column dipper.out_of_service.until_at is 'Null: until somebody ends it.';
create unique index out_of_service_device on dipper.out_of_service (device) where ended_at is null;
create unique index out_of_service_rule on dipper.out_of_service (rule) where ended_at is null;
create index out_of_service_due on dipper.out_of_service (until_at) where ended_at is null;
create index out_of_service_list on dipper.out_of_service (started_at desc, id desc);

alter table dipper.alarm
  add column safety_critical boolean not null default false,
  add column chattering boolean not null default false,
  add column shelf uuid references dipper.alarm_shelf (id),
  add column out_of_service uuid references dipper.out_of_service (id),
  add column announced_at timestamptz;
comment on column dipper.alarm.safety_critical is 'Never shelved, out of service or suppressed; copied from the rule when it was raised.';
comment on column dipper.alarm.chattering is 'Raised as one of several of its key within a short time (rules.yaml, thresholds.chatter).';
comment on column dipper.alarm.shelf is 'The shelf that silences it, or under which it came and went.';
comment on column dipper.alarm.out_of_service is 'The same for a device or rule out of service.';
comment on column dipper.alarm.announced_at is 'When people were first told, by the hub''s clock; null while it has always been silenced.';
update dipper.alarm set announced_at = raised_at where suppressed_by is null or incident is not null;
create index alarm_announced on dipper.alarm (announced_at) where announced_at is not null;
create index alarm_on_shelf on dipper.alarm (shelf) where shelf is not null;
create index alarm_out_of_service on dipper.alarm (out_of_service) where out_of_service is not null;
create index alarm_active_device on dipper.alarm (device) where active;
create index alarm_active_raised on dipper.alarm (raised_at) where active;
create index alarm_suppressed_by on dipper.alarm (suppressed_by) where suppressed_by is not null;

alter table dipper.alarm_transition drop constraint alarm_transition_what_check;
alter table dipper.alarm_transition add constraint alarm_transition_what_check check (what in (
  'raised', 'cleared', 'acknowledged', 'suppressed', 'released',
  'shelved', 'unshelved', 'taken-out-of-service', 'returned-to-service', 'moved'));
comment on column dipper.alarm_transition.note is 'What whoever did it wrote: the reason, where one is asked for.';

alter table dipper.incident add column joined_into uuid references dipper.incident (id);
comment on column dipper.incident.joined_into is 'Set once somebody has joined it into another: what comes of its place and time belongs there.';
create index incident_joined_into on dipper.incident (joined_into) where joined_into is not null;

create table dipper.incident_transition (
  id       bigint generated always as identity primary key,
  incident uuid not null references dipper.incident (id),
  what     text not null check (what in ('joined', 'split')),
  other    uuid not null references dipper.incident (id),
  alarms   uuid[] not null,
  moves_case boolean not null,
  at       timestamptz not null,
  by       text not null,
  reason   text not null
);
comment on table dipper.incident_transition is 'How people regrouped alarms, append-only. Joined: the alarms of `other` came to `incident`. Split: alarms of `incident` went to `other`.';
comment on column dipper.incident_transition.moves_case is 'Whether the case went with them.';
create index incident_transition_incident on dipper.incident_transition (incident, id);
create index incident_transition_other on dipper.incident_transition (other, id);
create trigger incident_transition_append_only before update or delete on dipper.incident_transition
  for each row execute function dipper.refuse_change();

create table dipper.handover_note (
  id         uuid primary key,
  estate     text,
  text       text not null,
  written_at timestamptz not null,
  written_by text not null
);
comment on table dipper.handover_note is 'What one shift leaves for the next to know.';
comment on column dipper.handover_note.estate is 'Null: for every estate.';
create index handover_note_list on dipper.handover_note (written_at desc, id desc);

-- Display names are looked up by the names that steps and acknowledgements carry.
create index account_name on dipper.account (name);
