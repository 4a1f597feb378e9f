-- What programs need of the API: requests that may be sent twice, and hooks that tell other systems what changed.

create table dipper.idempotency_key (
  account        uuid not null references dipper.account (id),
  route          text not null,
  key            text not null,
  fingerprint    bytea not null,
  attempt        uuid not null,
  lease_until    timestamptz not null,
  carried_out_at timestamptz,
  status         integer,
  location       text,
  answer         bytea,
  created_at     timestamptz not null,
  primary key (account, route, key)
);
comment on table dipper.idempotency_key is 'Requests with an Idempotency-Key of the last 24 hours, each with its first answer.';
comment on column dipper.idempotency_key.fingerprint is 'SHA-256 of address and body: the same key for another request is refused.';
comment on column dipper.idempotency_key.attempt is 'Which attempt owns the key; one that was overtaken cannot commit.';
comment on column dipper.idempotency_key.lease_until is 'A hub that has not answered by then is dead.';
comment on column dipper.idempotency_key.carried_out_at is 'Written by the very transaction that made the change.';
comment on column dipper.idempotency_key.answer is 'Body of the answer, sealed: it may hold what is shown once.';
create index idempotency_key_age on dipper.idempotency_key (created_at);

create table dipper.webhook (
  id                    uuid primary key,
  ordinal               bigint generated always as identity unique,
  name                  text not null,
  format                text not null check (format in ('standard', 'wecom', 'dingtalk')),
  url                   bytea not null,
  shown_url             text not null,
  secret                bytea,
  previous_secret       bytea,
  previous_secret_until timestamptz,
  types                 text[] not null,
  filter                jsonb not null,
  unseen                jsonb not null,
  quiet_hours           jsonb,
  time_zone             text not null,
  language              text not null check (language in ('zh', 'en')),
  cursor                text not null,
  gap_at                timestamptz,
  failures              integer not null default 0,
  failing_since         timestamptz,
  retry_at              timestamptz,
  last_delivered_at     timestamptz,
  disabled_at           timestamptz,
  disabled_reason       text check (disabled_reason in ('by-hand', 'failing', 'gone')),
  created_by            text not null,
  created_at            timestamptz not null
);
comment on table dipper.webhook is 'Who is told what by HTTP.';
comment on column dipper.webhook.url is 'Sealed: the address of a chat robot is a secret.';
comment on column dipper.webhook.shown_url is 'The address without its query.';
comment on column dipper.webhook.secret is 'Sealed; shown once, when it is made.';
comment on column dipper.webhook.unseen is 'Per priority the minutes after which an alarm that nobody acknowledged is told of again.';
comment on column dipper.webhook.cursor is 'Position in dipper.change up to which deliveries have been made.';
comment on column dipper.webhook.gap_at is 'When changes had to be passed by because they were no longer kept.';
comment on column dipper.webhook.retry_at is 'While its address fails as a whole, nothing is sent before this.';

create table dipper.webhook_delivery (
  id           uuid primary key,
  ordinal      bigint generated always as identity unique,
  webhook      uuid not null references dipper.webhook (id) on delete cascade,
  subject      text not null,
  type         text not null,
  priority     text,
  payload      text,
  sha256       bytea not null,
  status       text not null check (status in ('pending', 'delivered', 'failed', 'dropped')),
  attempts     integer not null default 0,
  next_at      timestamptz not null,
  lease_until  timestamptz,
  http_status  integer,
  outcome      text,
  created_at   timestamptz not null,
  settled_at   timestamptz
);
comment on table dipper.webhook_delivery is 'One message to one address. Its id is the webhook-id of every attempt.';
comment on column dipper.webhook_delivery.subject is 'What it is about: messages of one subject are sent in the order of their ordinals, one after the other.';
comment on column dipper.webhook_delivery.payload is 'Kept until it is delivered or given up.';
comment on column dipper.webhook_delivery.lease_until is 'A copy of the hub is sending it until then.';
create index webhook_delivery_order on dipper.webhook_delivery (webhook, subject, ordinal) where status = 'pending';
create index webhook_delivery_due on dipper.webhook_delivery (next_at) where status = 'pending';
create index webhook_delivery_log on dipper.webhook_delivery (webhook, ordinal desc);
create index webhook_delivery_age on dipper.webhook_delivery (settled_at) where status <> 'pending';

create table dipper.webhook_unseen (
  webhook uuid not null references dipper.webhook (id) on delete cascade,
  alarm   uuid not null,
  level   integer not null,
  due_at  timestamptz not null,
  primary key (webhook, alarm, level)
);
comment on table dipper.webhook_unseen is 'Timers: whom to tell when nobody has acknowledged an alarm by then.';
create index webhook_unseen_due on dipper.webhook_unseen (due_at);
