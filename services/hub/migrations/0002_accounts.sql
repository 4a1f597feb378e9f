-- Who may use the hub, who is signed in, and what they did that has to be accounted for.

create table dipper.account (
  id            uuid primary key,
  -- Order of creation, for paging.
  ordinal       bigint generated always as identity unique,
  name          text not null,
  -- Lower case, Unicode NFKC: two names that look alike are one name.
  name_key      text not null unique,
  display_name  text not null,
  password_hash text not null,
  roles         text[] not null check (cardinality(roles) > 0),
  created_at    timestamptz not null default now(),
  disabled_at   timestamptz
);
comment on table dipper.account is 'People and programs that may sign in.';
comment on column dipper.account.password_hash is 'Argon2id, PHC string.';

create table dipper.session (
  id           uuid primary key,
  -- Order of creation, for paging.
  ordinal      bigint generated always as identity unique,
  account_id   uuid not null references dipper.account (id),
  token_sha256 bytea not null unique,
  created_at   timestamptz not null default now(),
  expires_at   timestamptz not null,
  revoked_at   timestamptz,
  address      text not null,
  user_agent   text
);
comment on table dipper.session is 'Sign-ins. The token itself is stored nowhere: whoever reads this table can use none of them.';
create index session_account on dipper.session (account_id);
create index session_expiry on dipper.session (expires_at);

create table dipper.audit (
  id           bigint generated always as identity primary key,
  at           timestamptz not null default now(),
  account_id   uuid references dipper.account (id),
  account_name text,
  session_id   uuid,
  action       text not null,
  target       text,
  reason       text,
  outcome      text not null,
  address      text not null,
  request_id   text not null
);
comment on table dipper.audit is 'Append-only: who did what to what, why, and how it ended.';
comment on column dipper.audit.outcome is 'granted, or the code of the error that was answered.';
create index audit_at on dipper.audit (at desc, id desc);
create index audit_action_target on dipper.audit (action, target);

create trigger audit_append_only before update or delete on dipper.audit
  for each row execute function dipper.refuse_change();
create trigger audit_no_truncate before truncate on dipper.audit
  for each statement execute function dipper.refuse_change();
