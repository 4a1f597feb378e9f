-- The audit trail as a chain: each row says by its hash what it holds and which row went before it.

create function dipper.audit_field(content text) returns bytea language sql immutable as $$
  -- The length in front: no two rows of different fields have one form. An absent field is none of any length.
  select case when content is null then '-;'::bytea
              else convert_to(octet_length(convert_to(content, 'UTF8')) || ':' || content || ';', 'UTF8') end
$$;

create function dipper.audit_hash(previous bytea, entry dipper.audit) returns bytea language sql stable as $$
  select sha256(previous
    || dipper.audit_field(entry.id::text)
    || dipper.audit_field(to_char(entry.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
    || dipper.audit_field(entry.account_id::text) || dipper.audit_field(entry.account_name)
    || dipper.audit_field(entry.session_id::text) || dipper.audit_field(entry.action)
    || dipper.audit_field(entry.target) || dipper.audit_field(entry.reason)
    || dipper.audit_field(entry.outcome) || dipper.audit_field(entry.address)
    || dipper.audit_field(entry.request_id))
$$;

alter table dipper.audit add column previous bytea, add column hash bytea;
alter table dipper.audit alter column at set default clock_timestamp();
comment on column dipper.audit.previous is 'The hash of the row before; 32 zero bytes for the first.';
comment on column dipper.audit.hash is 'SHA-256 over previous and every other column: audit_hash() says how.';

create table dipper.audit_head (
  single boolean primary key default true check (single),
  id     bigint not null,
  hash   bytea not null
);
comment on table dipper.audit_head is 'The end of the chain. Its lock is the order of the rows, whichever copy of the hub writes them.';

do $$
declare
  entry dipper.audit;
  last_id bigint := 0;
  last_hash bytea := decode(repeat('00', 32), 'hex');
  next_hash bytea;
begin
  alter table dipper.audit disable trigger audit_append_only;
  for entry in select * from dipper.audit order by id loop
    next_hash := dipper.audit_hash(last_hash, entry);
    update dipper.audit set previous = last_hash, hash = next_hash where id = entry.id;
    last_id := entry.id;
    last_hash := next_hash;
  end loop;
  insert into dipper.audit_head (id, hash) values (last_id, last_hash);
end
$$;
alter table dipper.audit enable trigger audit_append_only;
alter table dipper.audit alter column previous set not null, alter column hash set not null;

create function dipper.chain_audit() returns trigger language plpgsql as $$
declare
  head dipper.audit_head;
begin
  -- What a backup brings back is a link already.
  if new.hash is not null then return new; end if;
  select * into strict head from dipper.audit_head for update;
  new.id := head.id + 1;
  new.previous := head.hash;
  new.hash := dipper.audit_hash(new.previous, new);
  update dipper.audit_head set id = new.id, hash = new.hash;
  return new;
end
$$;
create trigger audit_chain before insert on dipper.audit for each row execute function dipper.chain_audit();

create table dipper.audit_checkpoint (
  id     bigint primary key,
  signed text not null
);
comment on table dipper.audit_checkpoint is 'Up to where rows were deleted because their time was over: the id of the last one, and what the hub signed about it (a compact JWS with its hash).';
create trigger audit_checkpoint_append_only before update or delete on dipper.audit_checkpoint
  for each row execute function dipper.refuse_change();

create function dipper.refuse_audit_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and exists (select from dipper.audit_checkpoint where id >= old.id) then return old; end if;
  raise exception 'audit is append-only' using errcode = 'insufficient_privilege';
end
$$;
drop trigger audit_append_only on dipper.audit;
create trigger audit_append_only before update or delete on dipper.audit
  for each row execute function dipper.refuse_audit_change();

-- Programs: tokens of an account, which never may more than it.

create table dipper.api_token (
  id           uuid primary key,
  ordinal      bigint generated always as identity unique,
  account_id   uuid not null references dipper.account (id),
  name         text not null,
  token_sha256 bytea not null unique,
  roles        text[] not null check (cardinality(roles) > 0),
  scope        jsonb,
  created_at   timestamptz not null default now(),
  expires_at   timestamptz not null,
  last_used_at timestamptz,
  revoked_at   timestamptz
);
comment on table dipper.api_token is 'Tokens of programs. The token itself is stored nowhere.';
comment on column dipper.api_token.scope is 'Within the scope of its account; null: the same.';
create index api_token_account on dipper.api_token (account_id);

-- Sign-ins that failed, counted for all copies of the hub together.

create table dipper.sign_in_attempt (
  key   text primary key,
  since timestamptz not null,
  count integer not null
);
comment on column dipper.sign_in_attempt.key is 'SHA-256 of a name, an address or both: a name may be a password typed into the wrong field.';
create index sign_in_attempt_since on dipper.sign_in_attempt (since);

-- Second factors.

create table dipper.totp (
  account_id   uuid primary key references dipper.account (id),
  secret       bytea not null,
  created_at   timestamptz not null default now(),
  confirmed_at timestamptz,
  last_step    bigint not null default 0
);
comment on table dipper.totp is 'One-time codes by time (RFC 6238).';
comment on column dipper.totp.secret is 'Sealed with the key of HUB_SECRETS_KEY_FILE.';
comment on column dipper.totp.confirmed_at is 'Null until its owner has shown a code: before that it is asked of nobody.';
comment on column dipper.totp.last_step is 'Of the last code that was taken: none is taken twice, nor one before it.';

create table dipper.totp_recovery_code (
  account_id  uuid not null references dipper.totp (account_id) on delete cascade,
  code_sha256 bytea not null,
  primary key (account_id, code_sha256)
);
comment on table dipper.totp_recovery_code is 'Those not used yet. Random ones of 80 bits, so that a plain digest protects them.';

-- Codes with which somebody sets a password for an account that was made for them.

create table dipper.password_code (
  account_id  uuid primary key references dipper.account (id),
  code_sha256 bytea not null,
  expires_at  timestamptz not null
);
comment on table dipper.password_code is 'The latest of each account, until it is used. Random ones of 80 bits, so that a plain digest protects them.';
