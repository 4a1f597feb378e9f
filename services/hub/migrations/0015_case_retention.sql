-- Cases that have ended go in three steps, each with a clock of its own: pictures, words, and in the end the record. What
-- figures are counted from stays, without anything that says who or which case it was.

-- A case that was merged into another has not ended before that one has.
create function dipper.case_ended_at(gridcase uuid) returns timestamptz language sql stable as $$
  with recursive chain (id, merged_into, closed_at) as (
    select id, merged_into, closed_at from dipper.grid_case where id = gridcase
    union all
    select next.id, next.merged_into, next.closed_at
      from chain join dipper.grid_case next on next.id = chain.merged_into)
  select case when bool_and(closed_at is not null) then max(closed_at) end from chain
$$;

alter table dipper.grid_case add column has_words boolean not null default true;
comment on column dipper.grid_case.has_words is 'Whether there may be something in it that people wrote: text, title, notes of steps.';
create index grid_case_words on dipper.grid_case (closed_at) where has_words and closed_at is not null;
create index grid_case_closed on dipper.grid_case (closed_at) where closed_at is not null;

create table dipper.case_past_step (
  gone_case   uuid not null,
  ordinal     integer not null,
  at          timestamptz not null,
  action      text not null,
  request     text,
  rating      text,
  to_state    text not null,
  deadline_at timestamptz not null,
  estate      text,
  place       text,
  grid        text,
  platform    text not null,
  primary key (gone_case, ordinal)
);
comment on table dipper.case_past_step is 'What figures are counted from, of cases whose record is gone: when what was done, not by whom, nor to whom, nor in which case.';
comment on column dipper.case_past_step.gone_case is 'Made up when the record went: steps of one case belong together, and to nothing else.';
create index case_past_step_at on dipper.case_past_step (at, ordinal);
create trigger case_past_step_append_only before update or delete on dipper.case_past_step
  for each row execute function dipper.refuse_change();

create view dipper.case_figure_step as
  select step.grid_case, step.ordinal, step.at, step.action, step.request, step.rating, step.to_state, step.deadline_at,
         gridcase.estate, gridcase.place, gridcase.grid, gridcase.platform
    from dipper.case_step step join dipper.grid_case gridcase on gridcase.id = step.grid_case
  union all
  select gone_case, ordinal, at, action, request, rating, to_state, deadline_at, estate, place, grid, platform
    from dipper.case_past_step;
comment on view dipper.case_figure_step is 'Steps of all cases there ever were, as far as figures need them.';

-- Steps stay as they are, but for these two: the note of a step in a case that has ended may go, and so may the step
-- itself, once what figures need of it is kept.
create function dipper.refuse_case_step_change() returns trigger language plpgsql as $$
begin
  if dipper.case_ended_at(old.grid_case) is not null then
    if tg_op = 'UPDATE' and new.note is null and to_jsonb(new) - 'note' = to_jsonb(old) - 'note' then return new; end if;
    if tg_op = 'DELETE' and exists (
      select from dipper.case_past_step kept where kept.at = old.at and kept.ordinal = old.ordinal and kept.action = old.action)
    then return old; end if;
  end if;
  raise exception 'case_step is append-only' using errcode = 'insufficient_privilege';
end
$$;
drop trigger case_step_append_only on dipper.case_step;
create trigger case_step_append_only before update or delete on dipper.case_step
  for each row execute function dipper.refuse_case_step_change();

-- Timers that earlier versions have lost: an escalation when timers were set anew after the deadline, a leader when there
-- was none at the first attempt.
insert into dipper.case_timer (grid_case, kind, due_at)
  select gridcase.id, 'escalate', deadline_at from dipper.grid_case gridcase
   where closed_at is null and suspended_at is null
     and coalesce((select action from dipper.case_step step
                    where step.grid_case = gridcase.id
                      and (action in ('report', 'reopen', 'escalate') or (action = 'approve' and request = 'extend'))
                    order by ordinal desc limit 1), '') <> 'escalate'
on conflict do nothing;
insert into dipper.case_timer (grid_case, kind, due_at)
  select id, 'entrust', now() from dipper.grid_case
   where closed_at is null and suspended_at is null and leader is null and deadline_at < now() - interval '30 days'
on conflict do nothing;
