-- Rules that people write, and the memory of rules that one event does not decide about.

create table dipper.rule (
  id         text primary key,
  version    integer not null,
  enabled    boolean not null,
  yaml       text not null,
  changed_at timestamptz not null,
  changed_by text not null
);
comment on table dipper.rule is 'Alarm rules made by people; those of the rules file are not here.';
comment on column dipper.rule.yaml is 'As it was written, one rule as in config/rules.yaml.';

create table dipper.rule_version (
  id      bigint generated always as identity primary key,
  rule    text not null references dipper.rule (id),
  version integer not null,
  enabled boolean not null,
  yaml    text not null,
  at      timestamptz not null,
  by      text not null,
  note    text not null,
  unique (rule, version)
);
comment on table dipper.rule_version is 'Every version of every rule: who, when and why. Append-only; its newest id tells copies of the hub that something changed.';
create trigger rule_version_append_only before update or delete on dipper.rule_version
  for each row execute function dipper.refuse_change();

create table dipper.rule_known (
  rule  text primary key,
  key   text not null,
  clear text not null
);
comment on table dipper.rule_known is 'How each rule named and ended its alarms when the hub last looked: what has changed since can leave alarms behind that nothing ends.';

create table dipper.rule_fact (
  rule    text not null,
  key     text not null,
  kind    text not null check (kind in ('trigger', 'end', 'witness')),
  at      timestamptz not null,
  source  text not null,
  subject jsonb,
  primary key (rule, key, kind, at, source)
);
comment on table dipper.rule_fact is 'What was told about a key, for rules with count, absence, correlation or off-delay.';
comment on column dipper.rule_fact.source is 'Id of the event, or the type of what the hub found out: the same is told once.';
comment on column dipper.rule_fact.subject is 'What an alarm would be raised for; null but for triggers.';
create index rule_fact_at on dipper.rule_fact (at);

create table dipper.rule_timer (
  rule   text not null,
  key    text not null,
  due_at timestamptz not null,
  primary key (rule, key)
);
comment on table dipper.rule_timer is 'When time alone changes what is to be said of a key. Whoever deletes the row does it.';
create index rule_timer_due on dipper.rule_timer (due_at);

-- What was waiting and what was known under the first version: from now on it is told by facts.
insert into dipper.rule_fact (rule, key, kind, at, source)
  select rule, key, 'end', at, 'alarm_end' from dipper.alarm_end;
insert into dipper.rule_fact (rule, key, kind, at, source, subject)
  select rule, key, 'trigger', occurred_at, coalesce(trigger ->> 'event', trigger ->> 'type'), trigger
    from dipper.alarm_delay;
insert into dipper.rule_timer (rule, key, due_at) select rule, key, due_at from dipper.alarm_delay;
delete from dipper.alarm_end;
delete from dipper.alarm_delay;
