-- Events that an edge is asked to send again: dead letters that the hub knows better about now, and everything that was
-- receipted since a backup from which the hub was restored.

alter table dead_letter add column resent_at timestamptz;
comment on column dead_letter.resent_at is 'When its edge said that it will send it again; null where nobody asked, or the edge keeps it no more.';
create index dead_letter_position on dead_letter (agent, epoch, sequence) where sequence is not null;

create table resend (
  id             uuid primary key,
  ordinal        bigint generated always as identity unique,
  agent          text not null references agent (id),
  epoch          uuid,
  ranges         int8multirange,
  receipted_since timestamptz,
  reason         text not null,
  requested_by   text not null,
  requested_at   timestamptz not null,
  outcome        text,
  events         integer,
  check ((epoch is null) = (ranges is null) and (epoch is null) <> (receipted_since is null))
);
comment on table resend is 'Commands to send receipted events again: of certain sequences, or everything receipted since an instant.';
comment on column resend.outcome is '`granted`, or the code with which it failed; null while the edge has not answered.';
comment on column resend.events is 'How many events the edge said it will send.';
create index resend_agent on resend (agent, ordinal desc);

alter table agent_epoch add column pending_oldest_at timestamptz;
comment on column agent_epoch.pending_oldest_at is 'No event that waits to be judged occurred before; the epoch itself may go back months, and every chunk that is looked into costs.';
