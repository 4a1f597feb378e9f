-- What was taken out of recordings: who asked for which file and why, and what that file was. No picture is in it.

create table dipper.recording_export (
  id           uuid primary key,
  device       text not null,
  estate       text not null,
  agent        text not null,
  from_at      timestamptz not null,
  until_at     timestamptz not null,
  reason       text not null,
  account_id   uuid not null references dipper.account,
  account_name text not null,
  state        text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'failed')),
  code         text,
  requested_at timestamptz not null,
  expires_at   timestamptz not null,
  finished_at  timestamptz,
  bytes        bigint,
  sha256       text,
  manifest     text
);
comment on column dipper.recording_export.code is 'Why it failed: an error code.';
comment on column dipper.recording_export.expires_at is 'Until then the file may be fetched, by whoever asked for it, once.';
comment on column dipper.recording_export.manifest is 'JWS over what the file is, byte for byte; kept as long as the row.';
