-- How edge agents come by their login at the broker, and the keys with which the hub signs what it tells them.

create table dipper.enrolment (
  agent           text primary key,
  estate          text not null,
  code_sha256     bytea unique,
  code_made_by    text,
  code_expires_at timestamptz,
  code_used_at    timestamptz,
  password_hash   text,
  enrolled_at     timestamptz,
  revoked_at      timestamptz
);
comment on table dipper.enrolment is 'Agents that were given a code: the latest one, and the login that came of one.';
comment on column dipper.enrolment.agent is 'No reference: an agent that is about to be set up has not spoken yet.';
comment on column dipper.enrolment.code_sha256 is 'Random codes of 80 bits, so that a plain digest protects them. A used one stays, so that an edge that was cut off may ask again.';
comment on column dipper.enrolment.password_hash is 'As Mosquitto''s password file has it; the edge made it. Null before the first enrolment, and once it was taken away.';

alter table dipper.agent_status add column hub_keys text[];
comment on column dipper.agent_status.hub_keys is 'Which keys of the hub it believed when it last told, by kid; an agent that is offline has told before.';

create table dipper.hub_key (
  kid          text primary key,
  ordinal      bigint generated always as identity unique,
  x            text not null,
  state        text not null check (state in ('next', 'current', 'retired')),
  sealed       bytea,
  made_at      timestamptz not null default now(),
  current_at   timestamptz,
  retired_at   timestamptz,
  check ((state = 'retired') = (retired_at is not null)),
  check (state <> 'retired' or sealed is null)
);
comment on table dipper.hub_key is 'Signing keys of the hub (Ed25519): at most one that it signs with and one that agents are learning.';
comment on column dipper.hub_key.kid is 'Thumbprint of the public half (RFC 7638).';
comment on column dipper.hub_key.x is 'The public half, base64url (RFC 8037).';
comment on column dipper.hub_key.sealed is 'The private half, sealed with the key of HUB_SECRETS_KEY_FILE, so that every copy of the hub has it. Gone once it was retired.';
create unique index hub_key_single on dipper.hub_key (state) where state <> 'retired';
