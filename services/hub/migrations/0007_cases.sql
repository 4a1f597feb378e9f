-- The closed loop of cases: deadlines that the clock watches, requests that somebody else approves, merges, residents'
-- reports, pictures. Every figure is counted from steps, so each step records what it was judged by.

alter table dipper.grid_case alter column estate drop not null;
alter table dipper.grid_case
  add column text               text,
  add column round              integer not null default 1,
  add column steps              integer not null default 0,
  add column allowed_hours      double precision,
  add column allowed_days       integer,
  add column first_handler      text,
  add column leader             text,
  add column suspended_at       timestamptz,
  add column supervised_at      timestamptz,
  add column merged_into        uuid references dipper.grid_case (id),
  add column request            jsonb,
  add column satisfaction       text,
  add column opened_key         uuid unique,
  add column report_code_sha256 bytea unique;
comment on column dipper.grid_case.estate is 'Null for what lies in a grid but in no estate.';
comment on column dipper.grid_case.text is 'What whoever reported it wrote.';
comment on column dipper.grid_case.round is 'Counts reopenings, from 1.';
comment on column dipper.grid_case.steps is 'The ordinal of its last step. The clock''s steps count here and not in version: they are nobody''s decision.';
comment on column dipper.grid_case.allowed_hours is 'Time allowed from the opening, round the clock; either this or allowed_days.';
comment on column dipper.grid_case.allowed_days is 'Working days allowed after the day of the opening.';
comment on column dipper.grid_case.first_handler is '首办责任: the account it was first given to.';
comment on column dipper.grid_case.leader is '包案: the account of the leader who owns it.';
comment on column dipper.grid_case.suspended_at is 'Since when its deadline''s clock stands still.';
comment on column dipper.grid_case.request is 'What waits for an approval: {action, by, at, note, until}.';
comment on column dipper.grid_case.satisfaction is 'What the resident said of its present round.';
comment on column dipper.grid_case.opened_key is 'Key of the request that opened it: sent again, it opens no second one.';
comment on column dipper.grid_case.report_code_sha256 is 'Of the code that a resident follows it with; the code itself is kept nowhere.';

-- What was opened before keeps the time it was given.
update dipper.grid_case c
   set allowed_hours = greatest(extract(epoch from c.deadline_at - c.opened_at) / 3600, 0.01),
       steps = coalesce((select max(s.ordinal) from dipper.case_step s where s.grid_case = c.id), 0),
       round = 1 + (select count(*) from dipper.case_step s where s.grid_case = c.id and s.action = 'reopen'),
       first_handler = (select s.assignee from dipper.case_step s
                         where s.grid_case = c.id and s.action = 'dispatch' order by s.ordinal limit 1);
alter table dipper.grid_case
  add constraint grid_case_somewhere check (estate is not null or grid is not null),
  add constraint grid_case_allowed check ((allowed_hours is null) <> (allowed_days is null)),
  add constraint grid_case_merged check ((merged_into is not null) = (state = 'merged'));
create index grid_case_alike on dipper.grid_case (category, opened_at desc) where closed_at is null;
create index grid_case_merged_into on dipper.grid_case (merged_into) where merged_into is not null;
create index grid_case_deadline on dipper.grid_case (deadline_at) where closed_at is null;

alter table dipper.case_step
  add column round       integer not null default 1,
  add column taken_at    timestamptz,
  add column clamped     boolean not null default false,
  add column request     text,
  add column until       timestamptz,
  add column deadline_at timestamptz,
  add column other       uuid,
  add column attachment  uuid,
  add column rating      text,
  add column key         uuid;
comment on column dipper.case_step.by is 'Account name; rule:<id> where a rule reported it; clock; resident.';
comment on column dipper.case_step.taken_at is 'When it was done, for what was done offline; at is when the hub took it in.';
comment on column dipper.case_step.clamped is 'The time that was claimed could not be and was moved to the nearest that can.';
comment on column dipper.case_step.request is 'What was approved, refused or withdrawn.';
comment on column dipper.case_step.until is 'The deadline asked for.';
comment on column dipper.case_step.deadline_at is 'The deadline after it: figures judge by this one, whatever becomes of the case.';
comment on column dipper.case_step.other is 'The other case of a merge.';
comment on column dipper.case_step.rating is 'What the resident said, of the step rate.';
comment on column dipper.case_step.key is 'Made by whoever took it: sent again, it is taken once.';

-- Old steps learn what they were judged by; nothing that they say changes.
alter table dipper.case_step disable trigger case_step_append_only;
update dipper.case_step s
   set taken_at = s.at,
       deadline_at = c.deadline_at,
       round = 1 + (select count(*) from dipper.case_step e
                     where e.grid_case = s.grid_case and e.action = 'reopen' and e.ordinal <= s.ordinal)
  from dipper.grid_case c where c.id = s.grid_case;
alter table dipper.case_step enable trigger case_step_append_only;
alter table dipper.case_step alter column taken_at set not null, alter column deadline_at set not null;
create unique index case_step_key on dipper.case_step (grid_case, key) where key is not null;
create index case_step_at on dipper.case_step (at);

create table dipper.case_timer (
  grid_case uuid not null references dipper.grid_case (id),
  kind      text not null check (kind in ('remind', 'escalate', 'entrust')),
  due_at    timestamptz not null,
  primary key (grid_case, kind)
);
comment on table dipper.case_timer is 'What the clock has to do to a case; deleted by the transaction that does it, so it is done once.';
create index case_timer_due on dipper.case_timer (due_at);
insert into dipper.case_timer (grid_case, kind, due_at)
  select id, 'escalate', deadline_at from dipper.grid_case where closed_at is null;

create table dipper.case_attachment (
  id            uuid primary key,
  grid_case     uuid not null references dipper.grid_case (id),
  mime          text not null,
  bytes         integer not null,
  width_px      integer not null,
  height_px     integer not null,
  sha256        bytea not null,
  latitude_deg  double precision,
  longitude_deg double precision,
  by            text not null,
  at            timestamptz not null,
  key           uuid
);
comment on table dipper.case_attachment is 'Pictures of cases; their bytes lie in the media folder under their id.';
comment on column dipper.case_attachment.sha256 is 'Of the file, as it is kept.';
comment on column dipper.case_attachment.latitude_deg is 'Where the phone says it was taken; only where the sender wanted that kept.';
create index case_attachment_case on dipper.case_attachment (grid_case, at);
create unique index case_attachment_key on dipper.case_attachment (grid_case, key) where key is not null;
