-- What keeps judging and deleting right when a clock leaps, a hub dies, an event is poison, or copies of the hub differ.

create table dipper.retention_clock (
  single       boolean primary key default true check (single),
  known_at     timestamptz not null,
  leap_from    timestamptz,
  leap_seen_at timestamptz,
  check ((leap_from is null) = (leap_seen_at is null))
);
comment on table dipper.retention_clock is 'The one row that says how late it is known to be: nothing is deleted by a clock that has leapt ahead of it.';
comment on column dipper.retention_clock.known_at is 'The latest instant that clocks showed without a leap.';
comment on column dipper.retention_clock.leap_from is 'What clocks showed when they were first seen to have leapt; null while they have not.';
comment on column dipper.retention_clock.leap_seen_at is 'What they showed last: a leap that goes on as a clock does is believed in the end.';
insert into dipper.retention_clock (known_at)
  select max(ended_at) from dipper.history_job having max(ended_at) is not null;

alter table dipper.resend add column asked_at timestamptz;
comment on column dipper.resend.asked_at is 'When a copy of the hub last took it upon itself to ask, by the clock of the database; without an outcome a while later, any copy asks again.';
create index resend_unanswered on dipper.resend (requested_at) where outcome is null;
create index resend_age on dipper.resend (requested_at, id);

create table dipper.evaluation_failure (
  agent     text primary key references dipper.agent (id),
  attempts  integer not null,
  error     text not null,
  failed_at timestamptz not null,
  retry_at  timestamptz not null
);
comment on table dipper.evaluation_failure is 'Agents whose next events could not be judged: each is tried again by itself and keeps nobody else waiting. Gone once it goes on.';
comment on column dipper.evaluation_failure.attempts is 'Attempts in a row that failed at the same place.';

alter table dipper.agent_evaluation add column gap_last bigint;
comment on column dipper.agent_evaluation.gap_last is 'The last sequence there was when the gap was noticed: gaps before it have been there as long, and are not waited for one after the other.';

create table dipper.rule_copy (
  copy        uuid primary key,
  fingerprint text not null,
  seen_at     timestamptz not null
);
comment on table dipper.rule_copy is 'Running copies of the hub and the rules each goes by. While they differ, no alarm counts as one that no rule can end.';
comment on column dipper.rule_copy.seen_at is 'By the clock of the database.';

alter table dipper.rule_fact add column id bigint generated always as identity;
comment on column dipper.rule_fact.id is 'For the proof of deletion.';
create unique index rule_fact_id on dipper.rule_fact (id);
