-- Alarms that ended long ago go, with what was done to them (config/retention.yaml). Until then their transitions stay as they are.

create function dipper.refuse_alarm_transition_change() returns trigger language plpgsql as $$
begin
  -- No retention of alarms is shorter than this.
  if tg_op = 'DELETE' and exists (
    select from dipper.alarm a where a.id = old.alarm and not a.active and a.cleared_at < now() - interval '31 days')
  then return old; end if;
  raise exception 'alarm_transition is append-only' using errcode = 'insufficient_privilege';
end
$$;
drop trigger alarm_transition_append_only on dipper.alarm_transition;
create trigger alarm_transition_append_only before update or delete on dipper.alarm_transition
  for each row execute function dipper.refuse_alarm_transition_change();

create index alarm_cleared on dipper.alarm (cleared_at) where not active;
