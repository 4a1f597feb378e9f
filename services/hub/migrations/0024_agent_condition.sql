-- What the hub itself finds to be wrong with an agent, or with itself, for as long as it is so: rules are told when it begins
-- and when it ends, once, whichever copy of the hub looks.

create table dipper.agent_condition (
  agent text not null,
  what  text not null,
  since timestamptz not null,
  primary key (agent, what)
);
comment on table dipper.agent_condition is 'Conditions that the rules were told of and that last, as evaluator/condition-watch.ts has them.';
comment on column dipper.agent_condition.agent is 'An agent, or hub for the hub itself.';
comment on column dipper.agent_condition.since is 'As the rules were told.';
