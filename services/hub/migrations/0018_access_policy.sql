-- Who may pass where and when, as the hub knows it. Edges get it as a signed policy, with credentials only as HMACs.

create table dipper.access_area (
  id              text primary key,
  estate          text not null references dipper.estate,
  name_zh         text not null,
  name_en         text not null,
  occupancy_limit integer check (occupancy_limit > 0),
  reset_at_minute integer check (reset_at_minute between 0 and 1439),
  version         integer not null default 1,
  changed_at      timestamptz not null,
  changed_by      text not null
);
comment on table dipper.access_area is 'What lies between access points: who is counted as inside, and where one cannot enter twice.';

create table dipper.access_point (
  id         text primary key,
  place      text not null references dipper.place,
  device     text not null references dipper.device,
  name_zh    text not null,
  name_en    text not null,
  from_area  text references dipper.access_area,
  to_area    text references dipper.access_area,
  rules      jsonb not null,
  active     boolean not null default true,
  version    integer not null default 1,
  changed_at timestamptz not null,
  changed_by text not null
);
comment on table dipper.access_point is 'A way through a gate in one direction; its edge is that of the device.';
comment on column dipper.access_point.rules is 'As services/contract/api/access-point.ts has it: factors, anti-passback, interlock, what holds when the policy has expired.';

create table dipper.access_schedule (
  id           uuid primary key,
  ordinal      bigint generated always as identity unique,
  estate       text not null references dipper.estate,
  name         text not null,
  weekly       jsonb not null,
  special_days jsonb not null,
  holidays     text not null check (holidays in ('as-usual', 'closed', 'as-sunday')),
  version      integer not null default 1,
  changed_at   timestamptz not null,
  changed_by   text not null
);
comment on column dipper.access_schedule.weekly is 'Seven lists of [from, until) in minutes of the day, Monday first, in the time of the estate.';
comment on column dipper.access_schedule.holidays is 'What the statutory holidays of the calendar are; with anything but as-usual a day worked in lieu is as a Monday.';

create table dipper.access_holder (
  id           uuid primary key,
  ordinal      bigint generated always as identity unique,
  estate       text not null references dipper.estate,
  kind         text not null check (kind in ('resident', 'vehicle', 'visitor')),
  owner        uuid references dipper.access_holder,
  name         text not null,
  unit         text,
  blocked_at   timestamptz,
  blocked_by   text,
  block_reason text,
  ended_at     timestamptz,
  version      integer not null default 1,
  created_at   timestamptz not null,
  changed_at   timestamptz not null,
  changed_by   text not null,
  check ((kind = 'vehicle') = (owner is not null))
);
comment on table dipper.access_holder is 'Whoever may have credentials. Personal data: retention class access-holder, by the day it ended.';
comment on column dipper.access_holder.owner is 'Of a vehicle: the resident it belongs to, with whom it is blocked and ended.';
comment on column dipper.access_holder.unit is 'Building and door, as people write it.';
create index access_holder_estate on dipper.access_holder (estate, ordinal);
create index access_holder_owner on dipper.access_holder (owner);

create table dipper.access_credential (
  id           uuid primary key,
  ordinal      bigint generated always as identity unique,
  holder       uuid not null references dipper.access_holder,
  estate       text not null,
  factor       text not null check (factor in ('plate', 'card', 'pin', 'qr')),
  plate        text,
  sealed       bytea,
  fingerprint  bytea,
  hint         text,
  duress       boolean not null default false,
  blocked_at   timestamptz,
  blocked_by   text,
  block_reason text,
  ended_at     timestamptz,
  created_at   timestamptz not null,
  created_by   text not null,
  check (plate is null or factor = 'plate'),
  check (ended_at is null or (plate is null and sealed is null and fingerprint is null)),
  check (not duress or factor = 'pin')
);
comment on column dipper.access_credential.plate is 'In the clear, for the console shows it; the values of all others are sealed. Gone once it ended, as they are.';
comment on column dipper.access_credential.sealed is 'The value under the key of HUB_SECRETS_KEY_FILE: policies hold it as an HMAC under another key per agent.';
comment on column dipper.access_credential.fingerprint is 'HMAC under a key made of HUB_SECRETS_KEY_FILE: tells that a value is in use without opening all.';
comment on column dipper.access_credential.hint is 'What tells it from others by eye: the last characters of a card. Never of a PIN.';
create unique index access_credential_value on dipper.access_credential (estate, factor, fingerprint) where fingerprint is not null;
create index access_credential_holder on dipper.access_credential (holder);

create table dipper.access_permit (
  id            uuid primary key,
  ordinal       bigint generated always as identity unique,
  holder        uuid not null references dipper.access_holder,
  estate        text not null,
  access_points text[] not null check (cardinality(access_points) > 0),
  schedule      uuid references dipper.access_schedule,
  credential    uuid references dipper.access_credential,
  valid_from    timestamptz not null,
  valid_until   timestamptz,
  uses          integer check (uses > 0),
  ended_at      timestamptz,
  ended_by      text,
  created_at    timestamptz not null,
  created_by    text not null,
  check (valid_until > valid_from)
);
comment on column dipper.access_permit.credential is 'Where it is bound to one: only this credential of the holder opens by it.';
create index access_permit_holder on dipper.access_permit (holder);

create table dipper.access_revision (
  estate   text primary key,
  revision bigint not null
);
comment on table dipper.access_revision is 'Grows with every change of who may pass in an estate, in the transaction that makes it: what policies are compiled by.';

create table dipper.credential_key (
  agent   text primary key,
  estate  text not null,
  id      text not null,
  sealed  bytea not null,
  made_at timestamptz not null
);
comment on table dipper.credential_key is 'The key under which an edge knows credentials, 32 bytes, sealed with HUB_SECRETS_KEY_FILE; the edge got it when it enrolled.';
comment on column dipper.credential_key.id is 'Tells one key from another and nothing about it: the beginning of the SHA-256 of its own HMAC of a fixed text.';

create table dipper.agent_policy (
  agent          text primary key,
  estate         text not null,
  version        integer not null,
  revision       bigint not null,
  credential_key text not null,
  content_sha256 text not null,
  body           text not null,
  sha256         text not null,
  changed_at     timestamptz not null,
  jws            text not null,
  signed_by      text not null,
  body_url       text not null,
  issued_at      timestamptz not null,
  expires_at     timestamptz not null,
  published_at   timestamptz,
  acked_version  integer,
  acked_at       timestamptz,
  behind_since   timestamptz,
  problem        text
);
comment on table dipper.agent_policy is 'The access policy of each edge: the body as it is handed out, the signed announcement, and which version the edge has.';
comment on column dipper.agent_policy.content_sha256 is 'Of the body without its version: the version rises only when this changes.';
comment on column dipper.agent_policy.published_at is 'When the present announcement was given to the broker; null before.';
comment on column dipper.agent_policy.acked_version is 'What the edge told last that it goes by.';
comment on column dipper.agent_policy.behind_since is 'Since when there is a version that the edge has not got; null while it has the latest.';
comment on column dipper.agent_policy.problem is 'Why the edge did not take up what it was told of: an error code.';
