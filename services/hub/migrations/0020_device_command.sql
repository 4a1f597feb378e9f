-- What people told devices to do: who, what, why, and what came of it. Retention class device-command.

create table dipper.device_command (
  id           uuid primary key,
  device       text not null,
  estate       text not null,
  agent        text not null,
  action       text not null,
  preset       text,
  reason       text,
  account_id   uuid not null references dipper.account,
  account_name text not null,
  requested_at timestamptz not null,
  renewed_at   timestamptz,
  finished_at  timestamptz,
  code         text,
  door         jsonb
);
comment on table dipper.device_command is 'The id is that of the signed command, and the correlation of the events that followed at the gate.';
comment on column dipper.device_command.preset is 'Of the commands about presets: its token, or the name it was given.';
comment on column dipper.device_command.renewed_at is 'Of a camera that is turned: when the movement was last gone on with.';
comment on column dipper.device_command.finished_at is 'When the edge answered, or was given up. Null with age: the hub was stopped meanwhile.';
comment on column dipper.device_command.code is 'Why it failed; null where it did not.';
comment on column dipper.device_command.door is 'How the gate was seen afterwards: position, lock, hold.';

create index on dipper.device_command (device, requested_at desc, id desc);
create index on dipper.device_command (requested_at);
