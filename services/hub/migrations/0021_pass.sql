-- Visitors: what they come in by, how often they have, and the links by which residents give out passes of their own.

create table dipper.access_pass (
  id              uuid primary key references dipper.access_credential on delete cascade,
  ordinal         bigint generated always as identity unique,
  estate          text not null references dipper.estate,
  holder          uuid not null references dipper.access_holder on delete cascade,
  permit          uuid not null references dipper.access_permit on delete cascade,
  host            uuid references dipper.access_holder on delete set null,
  note            text,
  policy_versions jsonb not null,
  code_hash       bytea unique,
  sealed_code     bytea,
  revoked_at      timestamptz,
  revoked_by      text,
  revoke_reason   text,
  created_at      timestamptz not null,
  created_by      text not null,
  check ((code_hash is null) = (sealed_code is null))
);
comment on table dipper.access_pass is 'Passes of visitors. Personal data: it goes with its holder, retention class access-holder.';
comment on column dipper.access_pass.id is 'Of the credential, which its QR code names.';
comment on column dipper.access_pass.policy_versions is 'The first version of each edge''s policy that knows it, by agent: part of what is signed.';
comment on column dipper.access_pass.code_hash is 'SHA-256 of the code of the visitor''s page; null once the pass has ended.';
comment on column dipper.access_pass.sealed_code is 'The same code under HUB_SECRETS_KEY_FILE, to be shown again to whoever gave it out.';
create index access_pass_estate on dipper.access_pass (estate, ordinal);
create index access_pass_host on dipper.access_pass (host) where host is not null;
create index access_pass_open on dipper.access_pass (permit) where code_hash is not null;

create table dipper.access_permit_use (
  permit uuid not null references dipper.access_permit on delete cascade,
  agent  text not null,
  uses   integer not null,
  primary key (permit, agent)
);
comment on table dipper.access_permit_use is 'How often each edge has let somebody through by a permit that is counted: what other edges are told of.';

create table dipper.access_invite (
  holder     uuid primary key references dipper.access_holder on delete cascade,
  code_hash  bytea not null unique,
  created_at timestamptz not null,
  created_by text not null
);
comment on table dipper.access_invite is 'The link of a resident by which they give out passes; another one replaces it.';

-- How often a permit was used is counted again and again, from what edges have told.
create index event_passage_permit on dipper.event_passage ((data ->> 'permit')) where type = 'access.granted';
